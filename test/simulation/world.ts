import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import type { PlannedTask } from '../../src/core/event.ts'
import { type Commit, CredentialId, type InstanceId, RunId, TaskId } from '../../src/core/ids.ts'
import { initialState } from '../../src/core/initial.ts'
import { defaultRules, type Rules } from '../../src/core/rules.ts'
import type { State } from '../../src/core/state.ts'
import type { Fact } from '../../src/engine/dispatcher.ts'
import { createFakeRepository, type FakeRepository } from '../fakes/repository.ts'
import { createFakeRuntime, type FakeRuntime } from '../fakes/runtime.ts'
import { createSkippingClock } from '../fakes/skipping-clock.ts'
import { createFakeStore } from '../fakes/store.ts'
import { createFakeTerminals } from '../fakes/terminals.ts'
import { createFakeVault } from '../fakes/vault.ts'
import { Agents, launchOf, wait } from './agents.ts'
import type { Climate } from './climate.ts'
import { violationsIn } from './invariants.ts'
import { Outbox } from './outbox.ts'
import { Random } from './random.ts'
import { type SimulatedServer, startServer } from './server.ts'

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
  readonly #agents: Agents
  readonly #plan: readonly PlannedTask[]
  readonly #outboxes = new Map<InstanceId, Outbox>()
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
    this.#agents = new Agents({
      random: this.random,
      climate,
      clock: this.clock,
      repository: this.repository,
      plan: this.#plan,
      runtime: () => this.runtime,
      server: () => this.#server,
      tell: (instance, launch, said) => this.#tell(instance, launch, said),
      deliver: (fact) => this.#deliver(fact),
    })
    this.runtime = createFakeRuntime({ agent: (order) => this.#agents.comeUp(order) })
    this.#terminals = createFakeTerminals({
      screen: emptyPrompt,
      onPress: (instance, key, typed) => {
        if (key === 'Enter') void this.#agents.take(instance, typed.at(-2) ?? '')
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
      acknowledged: this.#agents.acknowledged,
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
        this.#tell(instance, launchOf(runtime, instance), { type: 'settings-read' })
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
    this.#server.dispatcher.subscribe(({ after }) => {
      for (const violation of violationsIn(after)) this.#violations.add(violation)
    })
    for (const outbox of this.#outboxes.values()) outbox.drain()
  }

  /** Crashes of the server and deaths of instances at any moment, for the first hours of the run. */
  async #misbehave(): Promise<void> {
    const end = this.clock.now() + 2 * 3_600_000
    while (!this.#isOver && this.clock.now() < end) {
      await wait(this.clock, this.random.between(100, 60_000))
      if (this.#isOver) return
      if (this.#server && this.random.chance(this.climate.crash)) {
        this.#crashes += 1
        this.#server.crash()
        this.#server = null
        await wait(this.clock, this.random.between(0, 120_000))
        await this.#start()
      }
      if (this.random.chance(this.climate.death)) {
        const instances = await this.runtime.listRunning()
        const victim = instances[this.random.between(0, Math.max(0, instances.length - 1))]
        if (victim) this.runtime.die(victim.instance, 'killed', { isNoticed: this.random.chance(50) })
      }
    }
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
