import type { Command } from './command.ts'
import type { CredentialId, InstanceId, Instant, TaskId } from './ids.ts'
import type { ManagerNews } from './manager-inbox.ts'
import type { Credential } from './credential.ts'
import type { Instance, InstancePhase } from './instance.ts'
import type { Run } from './run.ts'
import type { State } from './state.ts'
import type { Task, TaskPhase } from './task.ts'

/**
 * A state in the middle of one decision: rules read it and change it like statements, and nobody outside sees the
 * steps. The state it began with stays as it was.
 */
export class Draft {
  readonly at: Instant
  readonly commands: Command[] = []
  #state: State

  constructor(before: State, at: Instant) {
    this.#state = before
    this.at = at
  }

  get state(): State {
    return this.#state
  }

  set(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change }
  }

  setRun(change: Partial<Run>): void {
    this.set({ run: { ...this.#state.run, ...change } })
  }

  issue(command: Command): void {
    this.commands.push(command)
  }

  notifyManager(news: ManagerNews): void {
    this.set({ news: [...this.#state.news, news] })
  }

  instance(id: InstanceId): Instance {
    const found = this.#state.instances.get(id)
    if (!found) throw new Error(`no instance ${id} in the state`)
    return found
  }

  task(id: TaskId): Task {
    const found = this.#state.tasks.get(id)
    if (!found) throw new Error(`no task ${id} in the state`)
    return found
  }

  credential(id: CredentialId): Credential {
    const found = this.#state.credentials.get(id)
    if (!found) throw new Error(`no credential ${id} in the state`)
    return found
  }

  setCredential(id: CredentialId, change: Partial<Credential>): Credential {
    const next = { ...this.credential(id), ...change }
    this.set({ credentials: new Map(this.#state.credentials).set(id, next) })
    return next
  }

  setInstance(id: InstanceId, change: Partial<Instance>): Instance {
    const next = { ...this.instance(id), ...change }
    this.set({ instances: new Map(this.#state.instances).set(id, next) })
    return next
  }

  setTask(id: TaskId, change: Partial<Task>): Task {
    const next = { ...this.task(id), ...change }
    this.set({ tasks: new Map(this.#state.tasks).set(id, next) })
    return next
  }

  enterInstance(
    id: InstanceId,
    phase: Timeless<InstancePhase>,
    change: Partial<Instance> = {},
  ): Instance {
    return this.setInstance(id, { ...change, phase: { ...phase, since: this.at } })
  }

  enterTask(id: TaskId, phase: Timeless<TaskPhase>, change: Partial<Task> = {}): Task {
    return this.setTask(id, { ...change, phase: { ...phase, since: this.at } })
  }
}

/** A phase before it is entered: the draft knows since when. */
type Timeless<Phase> = Phase extends unknown ? Omit<Phase, 'since'> : never
