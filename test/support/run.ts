import type { Prompt } from '../../src/core/model/instance.ts'
import type { Command } from '../../src/core/model/command.ts'
import { type Decision, decide } from '../../src/core/decide.ts'
import type { ChangedSetting, Event } from '../../src/core/model/event.ts'
import type { PlannedTask } from '../../src/core/model/plan.ts'
import {
  Commit,
  CredentialId,
  type InstanceId,
  type Instant,
  LineId,
  managerId,
  RepositoryId,
  RunId,
  TaskId,
  workerId,
} from '../../src/core/model/ids.ts'
import { initialState } from '../../src/core/model/initial-state.ts'
import type { LineTip } from '../../src/core/model/line.ts'
import type { Transition } from '../../src/core/model/phase-change.ts'
import { defaultPolicy, type Policy } from '../../src/core/model/policy.ts'
import type { State } from '../../src/core/model/state.ts'

type Fact = Event extends infer Each ? (Each extends unknown ? Omit<Each, 'at'> : never) : never

export const commit = (name: string): Commit => Commit(name.padEnd(40, '0'))
/** The only line of most runs. */
export const line = LineId('main')
/** A line as the server reads it at its start. */
export const tip = (id: LineId = line): LineTip => ({
  id,
  repository: RepositoryId(id),
  branch: id,
  head: commit('base'),
})
export const planned = (id: string, change: Partial<PlannedTask> = {}): PlannedTask => ({
  id: TaskId(id),
  line: null,
  replaces: null,
  title: `Build ${id}`,
  body: '',
  dependsOn: [],
  worker: null,
  ...change,
})

/** A run that tests talk to in facts: given events, when an event, then commands. */
export class Run {
  at = 1_000_000
  state: State
  /** Of the last fact. */
  commands: readonly Command[] = []
  /** The prompt that the last decision answers a Stop hook with. */
  reply: Prompt | null = null
  ignored: string | null = null
  /** Every change of phase since the run began. */
  readonly transitions: Transition[] = []
  #decidedAt: Instant | null = null

  readonly #lines: readonly LineTip[]

  constructor(
    policy: Partial<Policy> = {},
    credentials = (policy.workerCount ?? 2) + 1,
    lines: readonly LineTip[] = [tip()],
  ) {
    this.#lines = lines
    const all: Policy = { ...defaultPolicy, workerCount: 2, ...policy }
    this.state = initialState(RunId('test'), all, lines, this.at)
    this.start(all, credentials)
  }

  start(
    policy: Policy = this.state.policy,
    credentials = this.state.credentials.size,
    changed: readonly ChangedSetting[] = [],
  ): this {
    const files = Array.from({ length: credentials }, (_, index) => ({
      id: CredentialId(`key-${index + 1}`),
      kind: 'api-key',
    }))
    return this.when({
      type: 'server-started',
      policy,
      // What the server finds in the hubs is what it knows.
      lines: this.#lines.map((each) => ({
        ...each,
        head: this.state.lines.get(each.id)?.head ?? each.head,
      })),
      credentials: files,
      changed,
    })
  }

  when(fact: Fact): this {
    const decision: Decision = decide(this.state, { at: this.at, ...fact }, this.#decidedAt)
    this.state = decision.state
    this.#decidedAt = this.at
    this.commands = decision.commands
    this.reply = decision.reply
    this.transitions.push(...decision.transitions)
    this.ignored = decision.ignored
    return this
  }

  later(ms: number): this {
    this.at += ms
    return this.when({ type: 'clock-ticked' })
  }

  comesUp(instance: InstanceId, source: 'startup' | 'resume' = 'startup'): this {
    return this.when({ type: 'session-started', source, ...this.from(instance) }).when({
      type: 'tools-listed',
      ...this.from(instance),
    })
  }

  from(instance: InstanceId): { readonly instance: InstanceId; readonly launch: number } {
    return { instance, launch: this.instance(instance).launch }
  }

  /** Every instance that is starting comes up. */
  allUp(): this {
    for (const { id, phase } of this.state.instances.values()) {
      if (phase.name === 'starting') this.comesUp(id)
    }
    return this
  }

  /** The instance's prompt reaches the model. */
  confirmed(instance: InstanceId): this {
    const { phase } = this.instance(instance)
    if (phase.name !== 'prompted') throw new Error(`${instance} is ${phase.name}, not prompted`)
    return this.when({ type: 'prompt-confirmed', text: phase.prompt.text, ...this.from(instance) })
  }

  /** The instance answers `/clear`. */
  cleared(instance: InstanceId): this {
    return this.when({ type: 'session-started', source: 'clear', ...this.from(instance) })
  }

  stops(instance: InstanceId, isAnswerable = true): this {
    return this.when({
      type: 'turn-ended',
      backgroundTasks: 0,
      lastMessage: 'bye',
      isAnswerable,
      ...this.from(instance),
    })
  }

  /** The whole team up, the plan taken, the Manager idle. */
  planned(tasks: readonly PlannedTask[], isComplete = true): this {
    this.allUp().confirmed(managerId)
    this.when({ type: 'plan-submitted', tasks, isComplete, ...this.from(managerId) })
    return this.stops(managerId)
  }

  /** The worker fetches the brief of its task. */
  briefed(instance: InstanceId): this {
    const { task } = this.instance(instance)
    if (task === null) throw new Error(`${instance} holds no task`)
    return this.when({ type: 'brief-fetched', task, ...this.from(instance) })
  }

  reports(instance: InstanceId, at = `work-${this.instance(instance).task}`): this {
    const { task } = this.instance(instance)
    if (task === null) throw new Error(`${instance} holds no task`)
    return this.briefed(instance).when({
      type: 'task-reported',
      task,
      commit: commit(at),
      summary: 'built',
      ...this.from(instance),
    })
  }

  /** The merge under way lands. */
  lands(): this {
    const merge = this.state.merges[0]
    if (!merge) throw new Error('no merge waits')
    const landed = commit(`merge-${merge.task}`)
    return this.when({
      type: 'merge-landed',
      task: merge.task,
      commit: merge.commit,
      merge: landed,
      head: landed,
    })
  }

  conflicts(paths: readonly string[] = ['index.js']): this {
    const merge = this.state.merges[0]
    if (!merge) throw new Error('no merge waits')
    return this.when({
      type: 'merge-conflicted',
      task: merge.task,
      commit: merge.commit,
      paths,
      tasks: [],
    })
  }

  instance(id: InstanceId) {
    const found = this.state.instances.get(id)
    if (!found) throw new Error(`no instance ${id}`)
    return found
  }

  task(id: string) {
    const found = this.state.tasks.get(TaskId(id))
    if (!found) throw new Error(`no task ${id}`)
    return found
  }

  asked<Type extends Command['type']>(type: Type): Extract<Command, { type: Type }>[] {
    return this.commands.filter((command) => command.type === type) as Extract<
      Command,
      { type: Type }
    >[]
  }

  /** What is typed: a prompt, or the `/clear` before it. */
  typed(): Extract<Command, { type: 'send-prompt' | 'clear-conversation' }>[] {
    return this.commands.filter(
      (command) => command.type === 'send-prompt' || command.type === 'clear-conversation',
    )
  }
}

export const [one, two] = [workerId(1), workerId(2)]
export { managerId as manager }
