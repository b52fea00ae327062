import type { Decision } from '../../src/core/decide.ts'
import type { Event } from '../../src/core/model/event.ts'
import type { Launch } from '../../src/core/model/ids.ts'
import type { Policy } from '../../src/core/model/policy.ts'
import type { State } from '../../src/core/model/state.ts'
import type { WorkerApi } from '../../src/engine/worker-api.ts'
import type { Change, NewEvent } from '../../src/engine/dispatch/dispatcher.ts'
import { Unavailable } from '../../src/ports/store-unavailable.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { MaintainedStore } from '../../src/ports/store.ts'
import type { FakeRuntime } from '../fakes/runtime.ts'
import type { FakeTerminals } from '../fakes/terminals.ts'
import type { FakeVault } from '../fakes/vault.ts'
import { type Disk, mortal } from './disk.ts'
import type { Faults } from './faults.ts'
import type { Lines } from './lines.ts'
import type { OriginLink } from './origin.ts'
import type { Mutant } from './mutants.ts'
import type { ProxyLife } from './egress.ts'
import { faulty, type Life } from './ports.ts'
import type { Random } from './random.ts'
import { type SimulatedServer, startServer } from './server.ts'
import { wait } from './wait.ts'
import { contested } from './fault-schedule.ts'
import type { HistoryRecorder } from './history-recorder.ts'

export interface SupervisorParts {
  readonly clock: Clock
  readonly random: Random
  readonly faults: Faults
  readonly recorder: HistoryRecorder
  readonly policy: Policy
  readonly store: MaintainedStore
  readonly lines: Lines
  readonly link: OriginLink
  readonly runtime: FakeRuntime
  readonly terminals: FakeTerminals
  readonly vault: FakeVault
  readonly mutant: Mutant | undefined
  readonly watch: (change: Change) => void
}

/** Starts the server each time that it has ended, and passes every call to it. */
export class Supervisor {
  readonly #parts: SupervisorParts
  readonly #disk: Disk = { fullUntil: 0 }
  #server: SimulatedServer | null = null
  /** Its start is over. */
  #isServing = false
  #life: Life | null = null
  #report: ProxyLife['report'] = () => undefined
  #ends = 0
  /** The launch that sent a hook, whatever a mutant makes of it. */
  readonly #senders = new Map<string, Launch>()
  #policy: Policy

  constructor(parts: SupervisorParts) {
    this.#parts = parts
    this.#policy = parts.policy
    void this.#watch()
  }

  /** Null while the server is down. */
  get state(): State | null {
    return this.#server?.dispatcher.state ?? null
  }

  /** Null also while it starts: it may wait for a hung engine, and looks at no instance yet. */
  get servedState(): State | null {
    return this.#isServing ? this.state : null
  }

  /** It is up and can decide: its disk is not full. */
  get isAble(): boolean {
    return this.#server !== null && this.#server.dispatcher.writeOutage === null
  }

  /** Null while instances have no proxy to ask. */
  get proxy(): ProxyLife | null {
    const { servedState } = this
    return servedState && { allowed: servedState.hosts.allowed, report: this.#report }
  }

  /** Times the server has ended. */
  get ends(): number {
    return this.#ends
  }

  kill(): void {
    this.#life?.end()
  }

  /** SIGTERM: it finishes what it has begun, for a while. */
  async stop(): Promise<void> {
    const life = this.#life
    await Promise.race([this.#server?.close(), wait(this.#parts.clock, 8_000)])
    life?.end()
  }

  /** What a person asks for; null without an answer. */
  deliver(fact: NewEvent): Decision | null {
    const server = this.#server
    if (server === null || server.life.isOver) return null
    try {
      const before = server.dispatcher.state
      // What waited for the disk is taken first, and changes what this fact had nothing to do with.
      const isAlone = server.dispatcher.waiting === 0
      const decision = server.dispatch(this.#mutated(fact, server))
      if (server.life.isOver) return null
      if (isAlone) this.#parts.recorder.noteFact(fact, before, decision)
      return decision
    } catch (error) {
      this.#noteBug(error, server)
      return null
    }
  }

  /** A hook, which is answered once it is durable; null when the server dies before. */
  async deliverHook(fact: NewEvent): Promise<Decision | null> {
    const server = this.#server
    if (server === null || server.life.isOver) return null
    try {
      if (isHook(fact)) this.#senders.set(nameOf(fact), fact.launch)
      const answer = server.dispatchSoon(this.#mutated(fact, server))
      const decision = await Promise.race([answer, server.life.ended.then(() => null)])
      return server.life.isOver ? null : decision
    } catch (error) {
      this.#noteBug(error, server)
      return null
    }
  }

  #noteHook({ before, after, entry }: Change): void {
    const { event, ignored } = entry
    const launch = isHook(event) ? this.#senders.get(nameOf(event)) : undefined
    if (launch !== undefined)
      this.#parts.recorder.noteFact({ ...event, launch } as NewEvent, before, {
        state: after,
        ignored,
      })
  }

  #mutated(fact: NewEvent, { dispatcher }: SimulatedServer): NewEvent {
    return this.#parts.mutant?.fact?.(fact, dispatcher.state) ?? fact
  }

  #noteBug(error: unknown, server: SimulatedServer): void {
    if (!(error instanceof Unavailable) && !server.isStopping() && !server.life.isOver)
      this.#parts.recorder.noteBug(error)
  }

  /** A tool call; null when the server is away, dies before it answers, or its answer is lost. */
  async ask<Reply>(call: (api: WorkerApi) => Promise<Reply>): Promise<Reply | null> {
    const server = this.#server
    if (server === null || server.life.isOver) return null
    const { promise, resolve } = Promise.withResolvers<null>()
    using _ = this.#parts.clock.alarm(this.#parts.clock.now() + 60_000, () => resolve(null))
    const reply = await Promise.race([call(server.workerApi).catch(() => null), promise])
    return server.life.isOver || this.#parts.faults.strike('answer-lost', 'desk') ? null : reply
  }

  async #watch(): Promise<never> {
    const { clock, random, recorder } = this.#parts
    for (;;) {
      const life = beginLife()
      this.#life = life
      // A start that fails ends the process with a message; the next one begins with what it left.
      this.#open(life).catch(() => life.end())
      await life.ended
      this.#server = null
      this.#isServing = false
      this.#ends += 1
      recorder.noteDisturbance()
      recorder.checkDurability()
      await wait(clock, random.between(100, random.chance(80) ? 5_000 : 300_000))
    }
  }

  async #open(life: Life): Promise<void> {
    const { clock, faults, recorder, store, link, runtime, terminals, vault, mutant } = this.#parts
    const around = { clock, faults, life }
    const outside = {
      clock,
      store: mortal(mutant?.store?.(store, around) ?? store, this.#disk, around),
      lines: new Map(
        [...this.#parts.lines].map(([line, hub]) => {
          const reached = link.through(line, hub)
          const repository = contested(reached, faults, () => recorder.checkHead(line))
          const mutated = mutant?.repository?.(repository, around) ?? repository
          return [line, faulty('hub', mutated, around)] as const
        }),
      ),
      runtime: faulty('engine', runtime, around),
      terminals: faulty('tmux', terminals, around),
      vault,
    }
    const server = await startServer(outside, this.#policyNow(), life, {
      notify: (change) => {
        recorder.noteChange(change)
        this.#noteHook(change)
        this.#parts.watch(change)
      },
      gatherMs: () => faults.strike('hooks-gather', 'server')?.between(20, 10_000) ?? 1,
    })
    if (life.isOver) return
    this.#server = server
    this.#report = (fact) => (life.isOver ? undefined : server.enqueue(this.#mutated(fact, server)))
    await server.begin()
    this.#isServing = !life.isOver
  }

  /** An operator may have changed the number of workers since the last start. */
  #policyNow(): Policy {
    const change = this.#parts.faults.strike('team-resized', 'server')
    if (change !== null) this.#policy = { ...this.#policy, workerCount: change.between(1, 4) }
    return this.#policy
  }
}

function beginLife(): Life {
  const { promise, resolve } = Promise.withResolvers<void>()
  let isOver = false
  return {
    get isOver() {
      return isOver
    },
    ended: promise,
    end: () => {
      isOver = true
      resolve()
    },
  }
}

type Hook = Extract<NewEvent, { sequence?: number | undefined }> & { readonly sequence: number }

const isHook = (fact: NewEvent | Event): fact is Hook =>
  'sequence' in fact && fact.sequence !== undefined

/** Numbers of hooks begin again with no launch. */
const nameOf = ({ instance, sequence }: Hook): string => `${instance} ${sequence}`
