import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import type { PlannedTask } from '../../src/core/event.ts'
import { type Commit, CredentialId, type InstanceId, managerId, RunId, TaskId } from '../../src/core/ids.ts'
import { initialState } from '../../src/core/initial.ts'
import { defaultRules, type Rules } from '../../src/core/rules.ts'
import type { State } from '../../src/core/state.ts'
import type { Trouble } from '../../src/core/trouble.ts'
import type { Fact } from '../../src/engine/dispatcher.ts'
import type { LaunchOrder } from '../../src/ports/runtime.ts'
import { createFakeRepository, type FakeRepository } from '../fakes/repository.ts'
import { createFakeRuntime, type FakeRuntime } from '../fakes/runtime.ts'
import { createSkippingClock } from '../fakes/skipping-clock.ts'
import { createFakeStore } from '../fakes/store.ts'
import { createFakeTerminals } from '../fakes/terminals.ts'
import { createFakeVault } from '../fakes/vault.ts'
import { Outbox } from './outbox.ts'
import { Random } from './random.ts'
import { type SimulatedServer, startServer } from './server.ts'

/** How badly the world behaves, in percent of the occasions. */
export interface Climate {
  readonly crash: number
  readonly death: number
  readonly limit: number
  readonly silence: number
  readonly question: number
  readonly collision: number
  readonly hookTrouble: number
}

export interface Outcome {
  readonly state: State
  readonly repository: FakeRepository
  /** Every commit whose report was acknowledged to a worker. */
  readonly acknowledged: ReadonlyMap<TaskId, Commit>
  readonly crashes: number
  readonly violations: readonly string[]
}

/** Longer than any honest run: what is not over by then never ends. */
const patienceMs = 48 * 3_600_000

const emptyPrompt = readFileSync(join(import.meta.dirname, '../../src/claude/fixtures/screens/prompt-after-turn.txt'), 'utf8')

/** One run of the real core and engine in a world that a seed makes: plan, agents, faults, all of it. */
export class World {
  readonly random: Random
  readonly climate: Climate
  readonly clock = createSkippingClock()
  readonly repository = createFakeRepository({ files: { 'PROJECT_DIRECTION.md': '# Build\n', 'index.js': 'top\n' } })
  readonly runtime: FakeRuntime
  readonly #store = createFakeStore()
  readonly #terminals
  readonly #rules: Rules
  readonly #plan: readonly PlannedTask[]
  readonly #outboxes = new Map<InstanceId, Outbox>()
  readonly #acknowledged = new Map<TaskId, Commit>()
  readonly #violations = new Set<string>()
  #server: SimulatedServer | null = null
  #isOver = false
  #crashes = 0

  constructor(seed: number, climate: Climate) {
    this.random = new Random(seed)
    this.climate = climate
    const workerCount = this.random.between(1, 4)
    this.#rules = { ...defaultRules, workerCount, context: this.random.pick(['fresh', 'same']) }
    this.#plan = this.#makePlan(this.random.between(1, 10))
    this.runtime = createFakeRuntime({ agent: (order) => this.#comeUp(order) })
    this.#terminals = createFakeTerminals({
      screen: emptyPrompt,
      onPress: (instance, key, typed) => {
        if (key === 'Enter') void this.#take(instance, typed.at(-2) ?? '')
      },
    })
  }

  async run(): Promise<Outcome> {
    await this.#start()
    void this.#misbehave()
    const end = this.clock.now() + patienceMs
    while (!this.#isDone() && this.clock.now() < end && this.#violations.size === 0) await turn()
    this.#isOver = true
    const state = this.#state()
    if (!this.#isDone() && this.#violations.size === 0) this.#violations.add(`the run never ended: ${summary(state)}`)
    this.#server?.crash()
    return {
      state,
      repository: this.repository,
      acknowledged: this.#acknowledged,
      crashes: this.#crashes,
      violations: [...this.#violations],
    }
  }

  #state(): State {
    const state = this.#server?.dispatcher.state ?? this.#store.load()
    if (!state) throw new Error('the world has no state')
    return state
  }

  #isDone(): boolean {
    return this.#server !== null && this.#server.dispatcher.state.run.phase.name === 'done'
  }

  #makePlan(count: number): PlannedTask[] {
    const ids = Array.from({ length: count }, (_, index) => TaskId(`task-${index + 1}`))
    return ids.map((id, index) => ({
      id,
      title: `Build ${id}`,
      body: '',
      dependsOn: ids.slice(0, index).filter(() => this.random.chance(20)),
      worker: null,
    }))
  }

  async #start(): Promise<void> {
    const { clock, repository, runtime } = this
    const { head } = await repository.ensureReady()
    const credentials = Array.from({ length: this.#rules.workerCount + 1 + this.random.between(0, 1) }, (_, index) => ({
      id: CredentialId(`key-${index}`),
      kind: 'api-key' as const,
      secret: `secret-${index}`,
    }))
    const replaceable: FakeRuntime = {
      ...runtime,
      replaceCredential: async (instance, environment) => {
        await runtime.replaceCredential(instance, environment)
        this.#tell(instance, this.#launchOf(instance), { type: 'settings-read' })
      },
    }
    const outside = {
      clock,
      store: this.#store,
      repository,
      runtime: replaceable,
      terminals: this.#terminals,
      vault: createFakeVault(credentials),
    }
    this.#server = await startServer(outside, this.#rules, initialState(RunId('sim'), this.#rules, head, clock.now()))
    this.#server.dispatcher.subscribe(({ after }) => this.#check(after))
    for (const outbox of this.#outboxes.values()) outbox.drain()
  }

  /** Crashes of the server and deaths of instances at any moment, for the first hours of the run. */
  async #misbehave(): Promise<void> {
    const end = this.clock.now() + 2 * 3_600_000
    while (!this.#isOver && this.clock.now() < end) {
      await this.#wait(this.random.between(100, 60_000))
      if (this.#isOver) return
      if (this.#server && this.random.chance(this.climate.crash)) {
        this.#crashes += 1
        this.#server.crash()
        this.#server = null
        await this.#wait(this.random.between(0, 120_000))
        await this.#start()
      }
      if (this.random.chance(this.climate.death)) {
        const instances = await this.runtime.listRunning()
        const victim = instances[this.random.between(0, Math.max(0, instances.length - 1))]
        if (victim) this.runtime.die(victim.instance, 'killed', { isNoticed: this.random.chance(50) })
      }
    }
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.clock.alarm(this.clock.now() + ms, resolve))
  }

  #launchOf(instance: InstanceId): number {
    return this.runtime.orders.findLast((order) => order.instance === instance)?.launch ?? 0
  }

  async #isAlive(instance: InstanceId, launch: number): Promise<boolean> {
    return (await this.runtime.listRunning()).some((one) => one.instance === instance && one.launch === launch)
  }

  #tell(instance: InstanceId, launch: number, said: object): ReturnType<Outbox['put']> {
    const outbox = this.#outboxes.get(instance) ?? new Outbox(this.random, this.climate.hookTrouble, (fact) => this.#deliver(fact))
    this.#outboxes.set(instance, outbox)
    return outbox.put({ ...said, instance, launch } as Fact)
  }

  /** Null when nobody answers: the hook stays in the outbox. */
  #deliver(fact: Fact) {
    const server = this.#server
    if (!server) return null
    return server.dispatcher.dispatch(fact)
  }

  #comeUp({ instance, launch, resume }: LaunchOrder): undefined {
    void (async () => {
      await this.#wait(this.random.between(300, 3_000))
      if (!(await this.#isAlive(instance, launch))) return
      this.#tell(instance, launch, { type: 'session-started', source: resume ? 'resume' : 'startup' })
      // Claude Code connects to the tools again and again until the server answers.
      while (!this.#deliver({ type: 'tools-listed', instance, launch }) && (await this.#isAlive(instance, launch))) await this.#wait(2_000)
      this.runtime.say(instance, 'idle')
    })()
  }

  async #take(instance: InstanceId, line: string): Promise<void> {
    const launch = this.#launchOf(instance)
    await this.#wait(this.random.between(20, 400))
    if (!(await this.#isAlive(instance, launch))) return
    if (line === '/clear') {
      this.#tell(instance, launch, { type: 'session-started', source: 'clear' })
      return
    }
    if (this.random.chance(this.climate.hookTrouble)) return // the Enter was lost
    this.runtime.say(instance, 'busy')
    this.#tell(instance, launch, { type: 'prompt-confirmed', text: line })
    await this.#turn(instance, launch)
  }

  async #turn(instance: InstanceId, launch: number): Promise<void> {
    for (;;) {
      await this.#wait(this.random.between(500, 300_000))
      if (!(await this.#isAlive(instance, launch))) return
      if (this.random.chance(this.climate.limit)) {
        this.runtime.say(instance, 'idle')
        this.#tell(instance, launch, { type: 'turn-failed', trouble: this.#trouble(), message: 'refused', inSubagent: false })
        return
      }
      if (instance === managerId) await this.#manage(launch)
      else await this.#work(instance, launch)
      if (!(await this.#isAlive(instance, launch))) return
      const answer = this.#tell(instance, launch, { type: 'turn-ended', backgroundTasks: 0, lastMessage: 'Done.', isAnswerable: true })
      const isAnswered = answer?.commands.some(
        (command) => command.type === 'send-prompt' && command.instance === instance && command.prompt.way === 'answered',
      )
      if (!isAnswered) break
    }
    this.runtime.say(instance, 'idle')
  }

  #trouble(): Trouble {
    const until = this.clock.now() + this.random.between(1_000, 3_600_000)
    return this.random.pick<Trouble>([
      { kind: 'quota', window: 'unknown', until },
      { kind: 'throttled' },
      { kind: 'overloaded' },
      { kind: 'unreachable' },
    ])
  }

  async #work(worker: InstanceId, launch: number): Promise<void> {
    const caller = { instance: worker, launch }
    const task = this.#server?.dispatcher.state.instances.get(worker)?.task
    if (!task || this.random.chance(this.climate.silence)) return
    const brief = await this.#ask((desk) => desk.brief(caller))
    if (brief === null || brief.isRefused) return
    if (this.random.chance(this.climate.question)) return void (await this.#ask((desk) => desk.reportBlocked(caller, 'Which?')))
    const collides = this.random.chance(this.climate.collision)
    const file = collides ? 'index.js' : `src/${task}.js`
    const commit = brief.text.includes('Kind: conflict')
      ? this.repository.mergeTarget(worker, task, { 'index.js': `top\n${task} and the others\n` })
      : this.repository.commitOn(worker, task, { [file]: `top\n${task} ${launch} ${this.clock.now()}\n` })
    await this.#wait(this.random.between(0, 5_000))
    const report = await this.#ask((desk) => desk.reportDone(caller, `built ${task}`))
    if (report && !report.isRefused) this.#acknowledged.set(task, commit)
  }

  async #manage(launch: number): Promise<void> {
    const state = this.#server?.dispatcher.state
    if (!state) return
    const caller = { instance: managerId, launch }
    if (this.random.chance(this.climate.silence)) return
    if (state.run.phase.name === 'planning') this.#deliver({ type: 'plan-submitted', tasks: this.#plan, isComplete: true, ...caller })
    for (const { id, phase } of state.tasks.values()) {
      if (phase.name === 'blocked') this.#deliver({ type: 'task-answered', task: id, answer: 'This one.', worker: null, by: 'manager' })
    }
    if (state.run.phase.name === 'executing') this.#deliver({ type: 'run-finished', report: 'Built.', ...caller })
  }

  /** A tool call; null when the server is away or dies before it answers. */
  async #ask<Reply>(call: (desk: SimulatedServer['desk']) => Promise<Reply>): Promise<Reply | null> {
    const server = this.#server
    if (!server) return null
    const lost = this.#wait(60_000).then(() => null)
    return Promise.race([call(server.desk).catch(() => null), lost])
  }

  /** What must be true after every single decision. */
  #check(state: State): void {
    const violate = (what: string): void => void this.#violations.add(what)
    const holders = new Map<TaskId, InstanceId>()
    for (const { id, task } of state.instances.values()) {
      if (task === null) continue
      const other = holders.get(task)
      if (other !== undefined) violate(`${task} is held by ${other} and ${id}`)
      holders.set(task, id)
    }
    for (const { id, capacity, leases } of state.credentials.values()) {
      if (leases.length > capacity) violate(`${id} is leased ${leases.length} times, it may be ${capacity} times`)
    }
    for (const { id, phase, dependsOn } of state.tasks.values()) {
      const hasBegun = phase.name !== 'waiting' && phase.name !== 'proposed' && phase.name !== 'cancelled'
      const early = dependsOn.find((other) => state.tasks.get(other)?.phase.name !== 'merged')
      if (hasBegun && early !== undefined) violate(`${id} began before ${early} was merged`)
    }
  }
}

function summary({ run, tasks, instances, merges, credentials }: State): string {
  const phases = (all: Iterable<{ readonly id: string; readonly phase: object }>) =>
    Object.fromEntries([...all].map(({ id, phase }) => [id, phase]))
  return JSON.stringify({
    run,
    tasks: phases(tasks.values()),
    instances: phases(instances.values()),
    merges,
    credentials: phases(credentials.values()),
  })
}
