import type { Commit, InstanceId, TaskId } from '../../src/core/model/ids.ts'
import type { FakeBackups } from './backups.ts'
import type { CommitGraph } from './commit-graph.ts'
import type { Edits } from './three-way.ts'
import type { WorkerBranches } from './worker-branches.ts'

/** What workers do on a branch that is not the one of their task. */
export interface SideWork {
  /** The worker commits on a branch of its own, which stays checked out. */
  commitElsewhere(instance: InstanceId, task: TaskId, edits: Edits): Commit
  /** The workspace is not on the task's branch. */
  isElsewhere(instance: InstanceId, task: TaskId): boolean
  /** The workspace is on the task's branch again; the other branch stays beside it. */
  switchBack(instance: InstanceId, task: TaskId): void
  /** The worker takes the commits of its other branch into the branch of the task. */
  putBack(instance: InstanceId, task: TaskId): Commit
}

interface SideBranch {
  readonly tip: Commit
  readonly paths: readonly string[]
  readonly isCheckedOut: boolean
}

/** Branches in workspaces beside those of the tasks: an intake does not see them, a backup does. */
export class SideBranches implements SideWork {
  readonly #graph: CommitGraph
  readonly #branches: WorkerBranches
  readonly #sides = new Map<string, SideBranch>()
  readonly #snapshots = new Map<string, Commit>()

  constructor(graph: CommitGraph, branches: WorkerBranches) {
    this.#graph = graph
    this.#branches = branches
  }

  commitElsewhere(instance: InstanceId, task: TaskId, edits: Edits): Commit {
    const name = `${instance} ${task}`
    const known = this.#sides.get(name)
    const from = known?.tip ?? this.#branches.startOf(instance, task)
    const tip = this.#graph.commitEdits(from, edits, `Work on ${task} elsewhere\n`)
    const paths = [...(known?.paths ?? []), ...Object.keys(edits)]
    this.#sides.set(name, { tip, paths, isCheckedOut: true })
    return tip
  }

  isElsewhere(instance: InstanceId, task: TaskId): boolean {
    return this.#sides.get(`${instance} ${task}`)?.isCheckedOut === true
  }

  switchBack(instance: InstanceId, task: TaskId): void {
    const name = `${instance} ${task}`
    const side = this.#sides.get(name)
    if (side !== undefined) this.#sides.set(name, { ...side, isCheckedOut: false })
  }

  putBack(instance: InstanceId, task: TaskId): Commit {
    const name = `${instance} ${task}`
    const side = this.#sides.get(name)
    if (side === undefined) return this.#branches.startOf(instance, task)
    this.#sides.delete(name)
    return this.#branches.takeOver(instance, task, side.tip, side.paths)
  }

  /** Everything in the workspace. `own`: what the task's branch has of it, committed or not. */
  allOf(instance: InstanceId, task: TaskId, own: Commit | null): Commit | null {
    const side = this.#sides.get(`${instance} ${task}`)?.tip ?? null
    if (side === null || own === null) return own ?? side
    if (this.#graph.historyOf(side).has(own)) return side
    const known = this.#snapshots.get(`${own} ${side}`)
    if (known !== undefined) return known
    const { tree } = this.#graph.look(own)
    const message = `Everything of ${task}\n`
    const snapshot = this.#graph.write({ tree, parents: [own, side], message })
    this.#snapshots.set(`${own} ${side}`, snapshot)
    return snapshot
  }
}

export const sideWorkOn = (sides: SideBranches, backups: FakeBackups): SideWork => ({
  commitElsewhere: (instance, task, edits) => {
    backups.draft(`${instance} ${task}`, null)
    return sides.commitElsewhere(instance, task, edits)
  },
  isElsewhere: (instance, task) => sides.isElsewhere(instance, task),
  switchBack: (instance, task) => sides.switchBack(instance, task),
  putBack: (instance, task) => sides.putBack(instance, task),
})
