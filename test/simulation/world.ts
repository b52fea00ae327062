import type { JournalEntry, MaintainedStore } from '../../src/ports/store.ts'
import { createSteppedClock } from '../fakes/stepped-clock.ts'
import { createFakeStore } from '../fakes/store.ts'
import { type FaultProfile, faultProfileOf } from './fault-profile.ts'
import { Checks } from './checks.ts'
import { Faults, type Strike } from './faults.ts'
import { linesOf, spread } from './lines.ts'
import { LivenessCheck } from './liveness-check.ts'
import type { Mutant } from './mutants.ts'
import { OriginLink } from './origin.ts'
import { Person } from './person.ts'
import { Random } from './random.ts'
import { Supervisor } from './supervisor.ts'
import { Team } from './team.ts'
import type { Violation } from './violation.ts'
import { vaultOf } from './pool.ts'
import { wait } from './wait.ts'
import { isStuck, summaryOf } from './state-summary.ts'
import { chainOf, patienceOf, planOf, policyOf } from './seeded-plan.ts'
import { runFaultSchedule } from './fault-schedule.ts'
import { HistoryRecorder } from './history-recorder.ts'
import { HostDecisions } from './host-decisions.ts'

export interface WorldOptions {
  readonly seed: number
  readonly profile?: FaultProfile
  /** Nothing but the faults of these names may strike. */
  readonly only?: ReadonlySet<string> | null
  readonly mutant?: Mutant
  /** In memory when it is missing. */
  readonly store?: MaintainedStore
  readonly length?: Length
}

/** How long a run is, instead of what the seed says. */
export interface Length {
  /** One after the other. */
  readonly tasks: number
  readonly pace: number
  readonly faultsLastMs: number
}

export interface Outcome {
  readonly violations: readonly Violation[]
  readonly struck: readonly Strike[]
  readonly journal: readonly JournalEntry[]
  /** Times the server ended, killed or not. */
  readonly ends: number
  /** Times a human had to start the server again after the faults were over. */
  readonly rescues: number
}

const faultsLastMs = 40 * 60_000
/** Longer than any honest run takes once the world behaves. */
const patienceMs = 24 * 3_600_000
const rescueAfterMinutes = 15
/** The engine may be away when a run ends, and the server may just be starting. */
const calmDownMs = 20 * 60_000
/** More steps without time passing are a loop. */
const mostStepsAtOnce = 20_000
/** Steps in one turn of the event loop; microtasks are done after each. */
const turnsPerRound = 32

/** One run of the real core and engine in a world of a seed: plan, agents and faults. */
export class World {
  readonly #clock = createSteppedClock()
  readonly #faults: Faults
  readonly #store: MaintainedStore
  readonly #recorder: HistoryRecorder
  readonly #faultsLastMs: number
  readonly #team: Team
  readonly #server: Supervisor
  readonly #person: Person
  #isOver = false
  #rescues = 0

  constructor({ seed, profile, only, mutant, store = createFakeStore(), length }: WorldOptions) {
    const [clock, lines, random] = [this.#clock, linesOf(seed), new Random(seed)]
    const recorder = new HistoryRecorder({ clock, lines, store })
    this.#store = store
    this.#recorder = recorder
    this.#faultsLastMs = length?.faultsLastMs ?? faultsLastMs
    const faults = new Faults(seed, profile ?? faultProfileOf(seed), clock, only ?? null)
    this.#faults = faults
    const hosts = new HostDecisions(faults, recorder.violations)
    const policy = { ...policyOf(random), ...patienceOf(seed) }
    const plan = spread(seed, lines, length === undefined ? planOf(random) : chainOf(length.tasks))
    const checks = new Checks(clock, faults, lines)
    recorder.checks = checks
    const isBehindGateway = policy.credentials === 'gateway'
    this.#team = new Team({
      seed,
      clock,
      faults,
      recorder,
      lines,
      checks,
      plan,
      isBehindGateway,
      pace: length?.pace ?? 1,
      server: () => this.#server,
    })
    const { runtime, terminals } = this.#team
    const vault = vaultOf(Math.max(2, policy.workerCount + random.between(0, 2)))
    const environment = {
      clock,
      faults,
      // The name of the random stream: another one would change the run of every seed.
      random: Random.named(seed, 'weather'),
      lines,
      link: new OriginLink(clock, faults),
      runtime,
      terminals,
      vault,
      recorder,
    }
    this.#server = new Supervisor({
      ...environment,
      random: Random.named(seed, 'supervisor'),
      policy,
      store,
      mutant,
      watch: (change) => hosts.check(change),
    })
    this.#person = new Person({ clock, faults, checks, recorder, hosts, server: this.#server })
    void runFaultSchedule({ ...environment, server: this.#server })
  }

  async run(): Promise<Outcome> {
    const { violations } = this.#recorder
    const noteBug = (error: unknown): void => this.#recorder.noteBug(error)
    process.on('unhandledRejection', noteBug)
    void this.#direct()
    await this.#go(noteBug)
    process.off('unhandledRejection', noteBug)
    this.#faults.end()
    const journal = this.#store.journal(0, Number.MAX_SAFE_INTEGER)
    return {
      violations: violations.all,
      struck: this.#faults.struck,
      journal,
      ends: this.#server.ends,
      rescues: this.#rescues,
    }
  }

  /** Rings one alarm after the other: what one has set off is done before the next one rings. */
  #go(noteBug: (error: unknown) => void): Promise<void> {
    const { violations } = this.#recorder
    const { promise, resolve } = Promise.withResolvers<void>()
    let [steps, at] = [0, 0]
    const step = (): void => {
      if (this.#isOver || !violations.areNone) return resolve()
      try {
        this.#clock.step()
      } catch (error) {
        noteBug(error)
      }
      steps = this.#clock.now() === at ? steps + 1 : 0
      at = this.#clock.now()
      if (steps > mostStepsAtOnce)
        violations.add('the run ends', `the same moment again and again: ${this.#summary()}`)
    }
    const round = (): void => {
      if (this.#isOver || !violations.areNone) return resolve()
      for (let turn = 0; turn < turnsPerRound; turn += 1) setImmediate(step)
      setImmediate(round)
    }
    round()
    return promise
  }

  /** The faults end, the run ends, everything comes to rest; then the recorder checks the end. */
  async #direct(): Promise<void> {
    const begin = this.#clock.now()
    const liveness = new LivenessCheck()
    while (!this.#isDone() && this.#clock.now() < begin + this.#faultsLastMs) {
      await wait(this.#clock, 10_000)
      this.#person.answer()
      await liveness.look(
        this.#server.isAble ? this.#server.servedState : null,
        this.#team.runtime.instances,
        this.#recorder.violations,
      )
    }
    this.#faults.end()
    this.#recorder.noteDisturbance()
    const end = this.#clock.now() + patienceMs
    for (let minutes = 1; !this.#isDone() && this.#clock.now() < end; minutes += 1) {
      await wait(this.#clock, 60_000)
      this.#person.answer()
      if (minutes % rescueAfterMinutes === 0) this.#rescue()
    }
    if (!this.#isDone())
      this.#recorder.violations.add('the run ends', `it never does: ${this.#summary()}`)
    const leftOver = await this.#comeToRest()
    if (this.#server.state !== null) await this.#recorder.checkEnd(this.#server.state)
    if (leftOver.length > 0)
      this.#recorder.violations.add(
        'nothing is left over',
        `after the end ${leftOver.join(', ')} are still running`,
      )
    this.#isOver = true
  }

  /** The instances that still run after the time to stop. */
  async #comeToRest(): Promise<readonly string[]> {
    const patience = this.#clock.now() + calmDownMs
    for (;;) {
      await wait(this.#clock, 30_000)
      const running = (await this.#team.runtime.instances.listRunning().catch(() => null))?.map(
        ({ instance }) => instance,
      ) ?? ['unknown instances']
      if ((running.length === 0 && this.#isDone()) || this.#clock.now() > patience) return running
    }
  }

  #isDone(): boolean {
    return this.#server.state?.run.phase.name === 'done'
  }

  /** What the server shows and only a human can change: a start tries everything once more. */
  #rescue(): void {
    const { state } = this.#server
    if (state === null || this.#isDone()) return
    this.#recorder.mergeByHand(state)
    if (!isStuck(state)) return
    this.#rescues += 1
    this.#server.kill()
  }

  #summary(): string {
    const state = this.#server.state ?? this.#store.load()
    return state === null ? 'nothing is known' : summaryOf(state)
  }
}
