import { Table } from '../../lib/table.ts'
import type { Backup, BackupPhase } from './backup.ts'
import type { Command } from './command.ts'
import type { BackupId, CredentialId, InstanceId, Instant, LineId, TaskId } from './ids.ts'
import { type Line, newLine, type LineTip, type Sync, type SyncName, syncNames } from './line.ts'
import { found } from './lookup.ts'
import type { ManagerNews } from './manager-inbox.ts'
import type { Credential, CredentialPhase } from './credential.ts'
import { type Instance, type InstancePhase, isRunning, type Prompt } from './instance.ts'
import type { Merge, MergePhase } from './merge.ts'
import type { Run, RunPhase } from './run.ts'
import type { State } from './state.ts'
import type { Task, TaskPhase } from './task.ts'
import { checkSameName, type Timeless, type Transition, transition } from './phase-change.ts'

/**
 * The state during one decision: rules read and change it step by step, and only the result is
 * visible outside. The state before the decision is not modified. A phase changes only through an
 * `enter…`, `add…` or `remove…` that the table of transitions allows; a `set…` may change the data
 * of a phase, never its name. Any other change throws.
 */
export class Draft {
  readonly at: Instant
  readonly commands: Command[] = []
  /** Every change of phase, in order: the state shows only the last one. */
  readonly transitions: Transition[] = []
  /** The prompt that the answer to the event's Stop hook must carry. */
  reply: Prompt | null = null
  #state: State

  constructor(before: State, at: Instant) {
    this.#state = before
    this.at = at
  }

  get state(): State {
    return this.#state
  }

  set(change: Partial<Pick<State, 'policy' | 'ledger' | 'news' | 'hosts'>>): void {
    this.#put(change)
  }

  issue(command: Command): void {
    this.commands.push(command)
  }

  notifyManager(news: ManagerNews): void {
    this.set({ news: [...this.#state.news, news] })
  }

  setRun(change: Partial<Run>): void {
    const { run } = this.#state
    checkSameName('run', run.id, run.phase, change.phase)
    this.#put({ run: { ...run, ...change } })
  }

  enterRun(phase: Timeless<RunPhase>): void {
    const { run } = this.#state
    this.transitions.push(transition('run', run.id, run.phase, phase))
    this.#put({ run: { ...run, phase: { ...phase, since: this.at } } })
  }

  line(id: LineId): Line {
    return found('line', id, this.#state.lines.get(id))
  }

  addLine(tip: LineTip): void {
    const line = newLine(tip, this.at)
    for (const name of syncNames)
      this.transitions.push(transition('sync', `${line.id}/${name}`, null, line[name]))
    this.#putLine(line)
  }

  setLine(id: LineId, change: Partial<Line>): void {
    const known = this.line(id)
    for (const name of syncNames) checkSameName('sync', `${id}/${name}`, known[name], change[name])
    this.#putLine({ ...known, ...change })
  }

  enterSync(id: LineId, name: SyncName, sync: Sync): void {
    const known = this.line(id)
    this.transitions.push(transition('sync', `${id}/${name}`, known[name], sync))
    this.#putLine({ ...known, [name]: sync })
  }

  instance(id: InstanceId): Instance {
    return found('instance', id, this.#state.instances.get(id))
  }

  addInstance(instance: Instance): void {
    this.transitions.push(transition('instance', instance.id, null, instance.phase))
    this.#putInstance(instance)
  }

  setInstance(id: InstanceId, change: Partial<Instance>): Instance {
    const known = this.instance(id)
    checkSameName('instance', id, known.phase, change.phase)
    return this.#putInstance({ ...known, ...change })
  }

  enterInstance(
    id: InstanceId,
    phase: Timeless<InstancePhase>,
    change: Partial<Omit<Instance, 'phase'>> = {},
  ): Instance {
    const known = this.instance(id)
    this.transitions.push(transition('instance', id, known.phase, phase))
    // The end of a launch ends its rotation.
    const rotation = isRunning(phase) ? known.rotation : null
    const next = { ...known, rotation, ...change, phase: { ...phase, since: this.at } }
    return this.#putInstance(next)
  }

  task(id: TaskId): Task {
    return found('task', id, this.#state.tasks.get(id))
  }

  addTask(task: Task): void {
    this.transitions.push(transition('task', task.id, null, task.phase))
    this.#putTask(task)
  }

  setTask(id: TaskId, change: Partial<Task>): Task {
    const known = this.task(id)
    checkSameName('task', id, known.phase, change.phase)
    return this.#putTask({ ...known, ...change })
  }

  enterTask(
    id: TaskId,
    phase: Timeless<TaskPhase>,
    change: Partial<Omit<Task, 'phase'>> = {},
  ): Task {
    const known = this.task(id)
    this.transitions.push(transition('task', id, known.phase, phase))
    return this.#putTask({ ...known, ...change, phase: { ...phase, since: this.at } })
  }

  merge(task: TaskId): Merge {
    const merge = this.#state.merges.find((each) => each.task === task)
    return found('merge', task, merge)
  }

  addMerge(merge: Merge): void {
    this.transitions.push(transition('merge', merge.task, null, merge.phase))
    this.#put({ merges: [...this.#state.merges, merge] })
  }

  setMerge(task: TaskId, change: Partial<Merge>): void {
    const known = this.merge(task)
    checkSameName('merge', task, known.phase, change.phase)
    this.#putMerge({ ...known, ...change })
  }

  enterMerge(task: TaskId, phase: Timeless<MergePhase>): void {
    const known = this.merge(task)
    this.transitions.push(transition('merge', task, known.phase, phase))
    this.#putMerge({ ...known, phase: { ...phase, since: this.at } })
  }

  /** Moves it to the end of the queue. */
  deferMerge(task: TaskId): void {
    const deferred = this.merge(task)
    this.#put({ merges: [...this.#state.merges.filter((merge) => merge !== deferred), deferred] })
  }

  /** Removes it from the queue; without effect when it is not there. */
  removeMerge(task: TaskId): void {
    const gone = this.#state.merges.find((merge) => merge.task === task)
    if (!gone) return
    this.transitions.push(transition('merge', task, gone.phase, null))
    this.#put({ merges: this.#state.merges.filter((merge) => merge !== gone) })
  }

  credential(id: CredentialId): Credential {
    return found('credential', id, this.#state.credentials.get(id))
  }

  addCredential(credential: Credential): void {
    this.transitions.push(transition('credential', credential.id, null, credential.phase))
    this.#putCredential(credential)
  }

  setCredential(id: CredentialId, change: Partial<Credential>): void {
    const known = this.credential(id)
    checkSameName('credential', id, known.phase, change.phase)
    this.#putCredential({ ...known, ...change })
  }

  /** `phase` has its own `since`: a verdict may be older than its confirmation. */
  enterCredential(
    id: CredentialId,
    phase: CredentialPhase,
    change: Partial<Omit<Credential, 'phase'>> = {},
  ): void {
    const known = this.credential(id)
    this.transitions.push(transition('credential', id, known.phase, phase))
    this.#putCredential({ ...known, ...change, phase })
  }

  removeCredential(id: CredentialId): void {
    this.transitions.push(transition('credential', id, this.credential(id).phase, null))
    this.#put({ credentials: this.#state.credentials.without(id) })
  }

  /** Orders the credentials: those of `first`, then the others. */
  sortCredentials(first: readonly CredentialId[]): void {
    const ids = new Set([...first, ...this.#state.credentials.keys()])
    this.#put({ credentials: Table.of([...ids].map((id) => this.credential(id))) })
  }

  backup(id: BackupId): Backup {
    return found('backup', id, this.#state.backups.get(id))
  }

  addBackup(backup: Backup): void {
    this.transitions.push(transition('backup', backup.id, null, backup.phase))
    this.#putBackup(backup)
  }

  setBackup(id: BackupId, change: Partial<Backup>): void {
    const known = this.backup(id)
    checkSameName('backup', id, known.phase, change.phase)
    this.#putBackup({ ...known, ...change })
  }

  enterBackup(id: BackupId, phase: Timeless<BackupPhase>): void {
    const known = this.backup(id)
    this.transitions.push(transition('backup', id, known.phase, phase))
    this.#putBackup({ ...known, phase: { ...phase, since: this.at } })
  }

  removeBackup(id: BackupId): void {
    this.transitions.push(transition('backup', id, this.backup(id).phase, null))
    this.#put({ backups: this.#state.backups.without(id) })
  }

  #put(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change }
  }

  #putLine(line: Line): void {
    this.#put({ lines: this.#state.lines.with(line) })
  }

  #putInstance(instance: Instance): Instance {
    this.#put({ instances: this.#state.instances.with(instance) })
    return instance
  }

  #putTask(task: Task): Task {
    this.#put({ tasks: this.#state.tasks.with(task) })
    return task
  }

  #putMerge(merge: Merge): void {
    const { merges } = this.#state
    this.#put({ merges: merges.map((known) => (known.task === merge.task ? merge : known)) })
  }

  #putCredential(credential: Credential): void {
    this.#put({ credentials: this.#state.credentials.with(credential) })
  }

  #putBackup(backup: Backup): void {
    this.#put({ backups: this.#state.backups.with(backup) })
  }
}
