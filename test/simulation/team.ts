import type { PlannedTask } from '../../src/core/model/plan.ts'
import { Commit, type InstanceId, managerId, TaskId } from '../../src/core/model/ids.ts'
import type { State } from '../../src/core/model/state.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { LaunchOrder } from '../../src/ports/instances.ts'
import { createFakeRuntime, type FakeRuntime } from '../fakes/runtime.ts'
import { createFakeTerminals } from '../fakes/terminals.ts'
import { Agent } from './agent.ts'
import type { Checks } from './checks.ts'
import { Egress } from './egress.ts'
import type { Faults } from './faults.ts'
import { hubOf, type Lines } from './lines.ts'
import { createManager } from './manager.ts'
import { Outbox } from './outbox.ts'
import { Random } from './random.ts'
import type { Supervisor } from './supervisor.ts'
import { wait } from './wait.ts'
import type { HistoryRecorder } from './history-recorder.ts'
import { StuckTasks } from './stuck-tasks.ts'
import { work } from './worker.ts'

export interface TeamParts {
  readonly seed: number
  readonly clock: Clock
  readonly faults: Faults
  readonly recorder: HistoryRecorder
  readonly lines: Lines
  readonly checks: Checks
  readonly plan: readonly PlannedTask[]
  readonly isBehindGateway: boolean
  readonly pace: number
  readonly server: () => Supervisor
}

/** The machine on which instances run: engine, terminals, and in them the simulated agents. */
export class Team {
  readonly runtime: FakeRuntime
  readonly terminals
  readonly #parts: TeamParts
  readonly #agents = new Map<InstanceId, Agent>()
  readonly #outboxes = new Map<InstanceId, Outbox>()
  readonly #egress: Egress
  readonly #stuckTasks: StuckTasks

  readonly #manage: (agent: Agent) => Promise<void>

  constructor(parts: TeamParts) {
    this.#parts = parts
    const { clock, faults, plan, recorder, checks } = parts
    this.#egress = new Egress({ clock, faults, life: () => parts.server().proxy })
    this.#stuckTasks = new StuckTasks(faults)
    this.#manage = createManager({
      plan,
      faults,
      look: (who) => this.#lookFor(who),
      noteBadAdvice: (reason) => recorder.violations.add('advice works', reason),
    })
    this.runtime = this.#withSettings(
      createFakeRuntime({
        agent: (order) => this.#bringUp(order),
        tool: (instance, argv) => {
          if (argv[0] === 'hook') void this.#outboxOf(instance).drain()
          const lack = argv[0] === 'workspace' ? this.#lackOf(instance, argv) : null
          if (lack !== null) return { exitCode: 3, stdout: lack, stderr: '' }
          const isStuck =
            argv[0] === 'workspace' && faults.strike('workspace-stuck', instance) !== null
          return {
            exitCode: isStuck ? 3 : 0,
            stdout: isStuck ? 'index.lock is there' : '',
            stderr: '',
          }
        },
        check: (commit) => checks.run(Commit(commit)),
      }),
    )
    this.terminals = createFakeTerminals({
      screen: (instance) => this.#agents.get(instance)?.screen ?? '',
      onPaste: (instance, text) => this.#agents.get(instance)?.paste(text),
      onPress: (instance, key) => this.#agents.get(instance)?.press(key),
    })
  }

  /**
   * Records each start of an instance; and Claude Code reports, as a rule, that it has read new
   * settings.
   */
  #withSettings(runtime: FakeRuntime): FakeRuntime {
    const { clock, faults, recorder, server } = this.#parts
    return {
      ...runtime,
      instances: {
        ...runtime.instances,
        ensureRunning: async (order) => {
          const state = server().state
          const isRunning = this.#agents.get(order.instance)?.launch === order.launch
          if (state !== null && !isRunning) recorder.noteHandOver(order.instance, state)
          return runtime.instances.ensureRunning(order)
        },
      },
      files: {
        ...runtime.files,
        replaceCredential: async (instance, environment) => {
          await runtime.files.replaceCredential(instance, environment)
          const launch = this.#agents.get(instance)?.launch
          if (launch === undefined || faults.strike('rotation-unread', instance)) return
          void wait(clock, 1_200).then(() =>
            this.#outboxOf(instance).put({ type: 'settings-read', instance, launch }),
          )
        },
      },
    }
  }

  #bringUp(order: LaunchOrder): Disposable {
    const { seed, clock, faults, server, lines, recorder } = this.#parts
    const { instance, launch } = order
    const turn = (one: Agent): Promise<void> => {
      if (one.isShown) this.#egress.tryOut(instance)
      if (instance === managerId) return this.#manage(one)
      return work(one, {
        hubOf: (line) => hubOf(lines, line),
        givesUp: (task, brief) => this.#stuckTasks.givesUp(instance, task, brief),
        acknowledged: (task, commit) => recorder.noteReport(task, commit),
        misplaced: (task) =>
          recorder.violations.add('work is saved', `${task} was reported from another branch`),
        dropped: (task) =>
          recorder.violations.add('work is saved', `${task} is done, and its worker has work`),
      })
    }
    const agent: Agent = new Agent({
      clock,
      faults,
      random: Random.named(seed, `${instance} ${launch}`),
      order,
      send: (fact) => this.#outboxOf(instance).put(fact),
      request: (fact) => server().deliver(fact),
      ask: (call) => server().ask(call),
      say: (status) => (agent.isShown ? this.runtime.say(instance, status) : undefined),
      isBehindGateway: this.#parts.isBehindGateway,
      pace: this.#parts.pace,
      credential: () => server().state?.instances.get(instance)?.credential ?? null,
      turn,
    })
    this.#agents.set(instance, agent)
    return {
      [Symbol.dispose]: () => {
        agent.isShown = false
        if (this.#agents.get(instance) === agent) this.#agents.delete(instance)
        const zombie = faults.strike('zombie', instance)
        if (zombie === null) agent.isAlive = false
        else void wait(clock, zombie.between(1_000, 600_000)).then(() => (agent.isAlive = false))
      },
    }
  }

  /** What the workspace's script finds missing; it puts the workspace on the task's branch. */
  #lackOf(instance: InstanceId, [, command, name = '']: readonly string[]): string | null {
    const [hubs, task] = [[...this.#parts.lines.values()], TaskId(name)]
    if (command === 'begin') for (const hub of hubs) hub.switchBack(instance, task)
    const isElsewhere = hubs.some((hub) => hub.isElsewhere(instance, task))
    if (isElsewhere && (command === 'ready' || command === 'unchanged'))
      return `The workspace is on another branch, not on task/${task}: put the work there.`
    const hasWork = hubs.some((hub) => hub.shows(instance, task))
    return hasWork && command === 'unchanged' ? 'half.txt is not committed' : null
  }

  /** What the tool answers that looks at the run; it is of no use to a launch that is over. */
  #lookFor({ instance, launch }: Agent): State | null {
    const { state } = this.#parts.server()
    return state?.instances.get(instance)?.launch === launch ? state : null
  }

  #outboxOf(instance: InstanceId): Outbox {
    const known = this.#outboxes.get(instance)
    if (known) return known
    const { clock, faults, server } = this.#parts
    const outbox = new Outbox({
      name: instance,
      clock,
      faults,
      deliver: (fact) => server().deliverHook(fact),
    })
    this.#outboxes.set(instance, outbox)
    return outbox
  }
}
