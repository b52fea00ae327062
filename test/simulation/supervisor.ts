import type { Decision } from '../../src/core/decide.ts'
import type { Policy } from '../../src/core/model/policy.ts'
import type { State } from '../../src/core/model/state.ts'
import type { WorkerApi } from '../../src/engine/worker-api.ts'
import type { NewEvent } from '../../src/engine/dispatch/dispatcher.ts'
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
}

/** Starts the server each time that it has ended, and passes every call to it. */
export class Supervisor {
  readonly #parts: SupervisorParts
  readonly #disk: Disk = { fullUntil: 0 }
  #server: SimulatedServer | null = null
  #life: Life | null = null
  #ends = 0

  constructor(parts: SupervisorParts) {
    this.#parts = parts
    void this.#watch()
  }

  /** Null while the server is down. */
  get state(): State | null {
    return this.#server?.dispatcher.state ?? null
  }

  /** It is up and can decide: its disk is not full. */
  get isAble(): boolean {
    return this.#server !== null && this.#server.dispatcher.writeOutage === null
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

  /** Null without an answer. */
  deliver(fact: NewEvent): Decision | null {
    const server = this.#server
    if (server === null || server.life.isOver) return null
    const before = server.dispatcher.state
    // What waited for the disk is taken first, and changes what this fact had nothing to do with.
    const isAlone = server.dispatcher.waiting === 0
    try {
      const decision = server.dispatch(fact)
      if (server.life.isOver) return null
      if (isAlone) this.#parts.recorder.noteFact(fact, before, decision)
      return decision
    } catch (error) {
      if (!(error instanceof Unavailable) && !server.isStopping())
        this.#parts.recorder.noteBug(error)
      return null
    }
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
      this.#ends += 1
      recorder.noteDisturbance()
      recorder.checkDurability()
      await wait(clock, random.between(100, random.chance(80) ? 5_000 : 300_000))
    }
  }

  async #open(life: Life): Promise<void> {
    const { clock, faults, recorder, policy, store, link, runtime, terminals, vault, mutant } =
      this.#parts
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
    const server = await startServer(outside, policy, life, (change) => recorder.noteChange(change))
    if (life.isOver) return
    const dispatch =
      mutant?.dispatch?.(server.dispatch, () => server.dispatcher.state) ?? server.dispatch
    this.#server = { ...server, dispatch }
    await server.begin()
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
