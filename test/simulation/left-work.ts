import type { Commit, InstanceId, TaskId } from '../../src/core/model/ids.ts'
import type { State } from '../../src/core/model/state.ts'
import { isOver, type Task } from '../../src/core/model/task.ts'
import { hubOf, lineOf, type Lines } from './lines.ts'
import type { Violations } from './violation.ts'

/** What instances leave in their workspaces is safe before another launch or worker has it. */
export class LeftWork {
  readonly #lines: Lines
  readonly #violations: Violations
  /** What was in the workspace of an instance when it was given up. */
  readonly #left = new Map<InstanceId, { readonly task: TaskId; readonly commit: Commit }>()

  constructor(lines: Lines, violations: Violations) {
    this.#lines = lines
    this.#violations = violations
  }

  /** An instance that is given up or loses its task leaves its work in its workspace. */
  note(before: State, after: State): void {
    if (before.instances === after.instances) return
    for (const { id, task, phase } of after.instances.values()) {
      const known = before.instances.get(id)
      const isGivenUp =
        (phase.name === 'backing-off' || phase.name === 'quarantined') &&
        known?.phase.name !== phase.name
      if (isGivenUp && task !== null) this.#leave(after, id, task)
      const lost = known?.task ?? null
      const phaseNow = lost === null ? undefined : after.tasks.get(lost)?.phase.name
      if (lost !== null && task === null && (phaseNow === 'queued' || phaseNow === 'blocked'))
        this.#leave(after, id, lost)
      if (task === null || task === lost) continue
      for (const [other, left] of this.#left)
        if (left.task === task && other !== id) this.handOver(other, after)
    }
  }

  /** A new launch gets the workspace, or another worker the task. */
  handOver(instance: InstanceId, state: State): void {
    const left = this.#left.get(instance)
    this.#left.delete(instance)
    if (left === undefined || !isOpen(state.tasks.get(left.task))) return
    const repository = hubOf(this.#lines, lineOf(state, left.task))
    if (
      repository.offers(instance, left.task) !== left.commit ||
      repository.isKept(left.task, left.commit)
    )
      return
    const isKnown = [...state.backups.values()].some(
      ({ task, phase, ...backup }) =>
        backup.instance === instance &&
        task === left.task &&
        phase.name !== 'saved' &&
        phase.name !== 'deleted',
    )
    if (!isKnown)
      this.#violations.add(
        'work is saved',
        `another launch or worker takes over from ${instance}, and its work on ${left.task} is not saved`,
      )
  }

  #leave(state: State, id: InstanceId, task: TaskId): void {
    const commit = hubOf(this.#lines, lineOf(state, task)).offers(id, task)
    if (commit !== null) this.#left.set(id, { task, commit })
  }
}

export const isOpen = (task: Task | undefined): boolean => task !== undefined && !isOver(task.phase)
