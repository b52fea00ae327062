import type { CredentialId, InstanceId, Launch } from '../../src/core/model/ids.ts'
import type { Decision } from '../../src/core/decide.ts'
import type { ModelError } from '../../src/core/model/model-error.ts'
import type { WorkerApi } from '../../src/engine/worker-api.ts'
import type { NewEvent } from '../../src/engine/dispatch/dispatcher.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { AgentStatus, LaunchOrder } from '../../src/ports/instances.ts'
import type { Key } from '../../src/ports/terminals.ts'
import type { Faults } from './faults.ts'
import type { Random } from './random.ts'
import { screenOf } from './screen.ts'
import { wait } from './wait.ts'

export interface Surroundings {
  readonly clock: Clock
  readonly faults: Faults
  readonly random: Random
  readonly order: LaunchOrder
  /** Puts a hook into the instance's outbox; null when no answer came while it waited. */
  readonly send: (fact: NewEvent) => Promise<Decision | null>
  /** A request that is not kept; null without an answer. */
  readonly request: (fact: NewEvent) => Decision | null
  /** A tool call; null when the server is away or dies before it answers. */
  readonly ask: <Reply>(call: (api: WorkerApi) => Promise<Reply>) => Promise<Reply | null>
  readonly say: (status: AgentStatus) => void
  readonly isBehindGateway: boolean
  /** How many times as long as usual its turns take. */
  readonly pace: number
  /** The credential that its next request would use. */
  readonly credential: () => CredentialId | null
  /** What it does in one turn, by its role. */
  readonly turn: (agent: Agent) => Promise<void>
}

type Unaddressed = NewEvent extends infer Each
  ? Each extends { launch: Launch }
    ? Omit<Each, 'instance' | 'launch'>
    : never
  : never

/** Longer than most calls of a tool take. */
const toolMs = 90_000
/** As the tools of an instance do. */
const progressEveryMs = 5_000

/**
 * Claude Code in one launch: starts, takes what is typed, has turns, sends hooks. As a zombie it
 * goes on although its instance was ended.
 */
export class Agent {
  readonly instance: InstanceId
  readonly launch: Launch
  readonly around: Surroundings
  /** It runs, known to the server or not. */
  isAlive = true
  /** It is the launch that the engine shows; only this one has a terminal. */
  isShown = true
  #box = ''
  #isBusy = false
  /** Ends what hangs in its turn. */
  #interrupt = (): void => undefined
  readonly #lines: string[] = []

  constructor(around: Surroundings) {
    this.around = around
    this.instance = around.order.instance
    this.launch = around.order.launch
    void this.#comeUp()
  }

  async #comeUp(): Promise<void> {
    const { order, random, request, say } = this.around
    await this.wait(random.between(300, 3_000))
    if (!(await this.#checkOut()) || !this.isAlive) return
    void this.#send({ type: 'session-started', source: order.resume ? 'resume' : 'startup' })
    // Claude Code connects to the tools again and again until the server answers.
    while (
      this.isAlive &&
      request({ type: 'tools-listed', instance: this.instance, launch: this.launch }) === null
    )
      await this.wait(2_000)
    if (this.isAlive && !this.#isBusy) say('idle')
  }

  /** Reports that it moves on while it takes long; false when it makes no progress for ever. */
  async #checkOut(): Promise<boolean> {
    const slow = this.around.faults.strike('checkout-slow', this.instance)
    if (slow === null) return true
    const end = this.around.clock.now() + slow.between(10_000, 900_000)
    while (this.isAlive && this.around.clock.now() < end) {
      await this.wait(progressEveryMs)
      const { instance, launch } = this
      if (this.isAlive) this.around.request({ type: 'workspace-progressed', instance, launch })
    }
    return slow.chance(80)
  }

  paste(text: string): void {
    this.#box += text
  }

  press(key: Key): void {
    if (key === 'C-u') this.#box = ''
    if (key === 'Escape') this.#interrupt()
    if (key !== 'Enter' || this.#box === '') return
    if (this.around.faults.strike('enter-lost', this.instance)) return
    this.#lines.push(this.#box)
    this.#box = ''
    if (!this.#isBusy) void this.#serve()
  }

  get screen(): string {
    return screenOf(this.#box, this.#isBusy, this.around.clock.now())
  }

  wait(ms: number): Promise<void> {
    return wait(this.around.clock, ms)
  }

  /** What was typed meanwhile is queued, and taken when the turn is over. */
  async #serve(): Promise<void> {
    this.#isBusy = true
    for (
      let line = this.#lines.shift();
      line !== undefined && this.isAlive;
      line = this.#lines.shift()
    ) {
      await this.wait(this.around.random.between(20, 400))
      if (!this.isAlive) return
      if (line === '/clear') void this.#send({ type: 'session-started', source: 'clear' })
      else {
        this.around.say('busy')
        void this.#send({ type: 'prompt-confirmed', text: line })
        await this.#turn()
      }
    }
    this.#isBusy = false
  }

  async #turn(): Promise<void> {
    const { faults, random, say, turn } = this.around
    for (;;) {
      await this.#think(
        (random.chance(80) ? random.between(500, 60_000) : random.between(500, 400_000)) *
          this.around.pace,
      )
      if (!this.isAlive) return
      this.#forgeUsage()
      const modelError = this.#modelError()
      if (modelError !== null) {
        say('idle')
        void this.#send({ type: 'turn-failed', modelError, message: 'refused', inSubagent: false })
        return
      }
      if (await this.#hangs()) return say('idle')
      if (!faults.strike('silence', this.instance)) await turn(this)
      if (!this.isAlive) return
      const answer = await this.#send({
        type: 'turn-ended',
        backgroundTasks: 0,
        lastMessage: 'Done.',
        isAnswerable: true,
      })
      if (answer === null || answer.reply === null) break
    }
    say('idle')
  }

  /** True when the turn hung and was interrupted, of which no hook says anything. */
  async #hangs(): Promise<boolean> {
    const { faults } = this.around
    const long = faults.strike('turn-long', this.instance)
    const isForEver =
      faults.strike('model-hang', this.instance) !== null ||
      faults.strike('turn-hangs', this.instance) !== null
    if (!isForEver && long === null) return false
    const { promise, resolve } = Promise.withResolvers<boolean>()
    this.#interrupt = () => resolve(true)
    if (!isForEver && long !== null)
      void this.wait(long.between(1_200_000, 10_800_000)).then(() => resolve(false))
    const isInterrupted = await promise
    this.#interrupt = () => undefined
    return isInterrupted
  }

  /** Works with its own tools, and each call of one is a sign of life. */
  async #think(ms: number): Promise<void> {
    for (let left = ms; left > 0 && this.isAlive; left -= toolMs) {
      await this.wait(Math.min(left, toolMs))
      if (left > toolMs && this.isAlive) void this.#send({ type: 'sign-of-life' })
    }
  }

  /** Wants another credential: it says that its own is nearly or quite used up. */
  #forgeUsage(): void {
    const { faults, clock, credential, isBehindGateway } = this.around
    const forged = faults.strike('usage-forged', this.instance)
    const own = credential()
    if (forged === null || own === null || isBehindGateway) return
    this.around.request({
      type: 'window-seen',
      credential: own,
      by: this.instance,
      window: 'weekly',
      usedPercent: forged.pick([91, 95, 100]),
      resetsAt: clock.now() + forged.between(1_000, 1_800_000),
    })
  }

  #modelError(): ModelError | null {
    const { faults, clock } = this.around
    if (faults.strike('limit-unnamed', this.instance) && !this.around.isBehindGateway)
      return { kind: 'quota', window: 'unknown', until: null }
    const limit = faults.strike('model-refusal', this.instance)
    if (limit === null) return null
    const modelError = limit.pick<ModelError>([
      { kind: 'quota', window: 'unknown', until: clock.now() + limit.between(1_000, 1_800_000) },
      { kind: 'throttled' },
      { kind: 'overloaded' },
      { kind: 'unreachable' },
      { kind: 'rejected' },
      { kind: 'other' },
    ])
    const credential = this.around.credential()
    // Only a gateway reports it; without one the event is ignored.
    if (this.around.isBehindGateway && credential !== null)
      this.around.request({
        type: 'gateway-refused',
        credential,
        modelError,
        instance: this.instance,
        launch: this.launch,
      })
    return modelError
  }

  #send(said: Unaddressed): Promise<Decision | null> {
    return this.around.send({ ...said, instance: this.instance, launch: this.launch })
  }
}
