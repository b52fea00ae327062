import { managerId, type Commit, type InstanceId, type TaskId } from '../../src/core/ids.ts'
import type { PlannedTask } from '../../src/core/event.ts'
import type { Trouble } from '../../src/core/trouble.ts'
import type { Decision } from '../../src/core/decide.ts'
import type { Fact } from '../../src/engine/dispatcher.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { LaunchOrder } from '../../src/ports/runtime.ts'
import type { FakeRepository } from '../fakes/repository.ts'
import type { FakeRuntime } from '../fakes/runtime.ts'
import type { Climate } from './climate.ts'
import type { Random } from './random.ts'
import type { SimulatedServer } from './server.ts'

export interface Surroundings {
  readonly random: Random
  readonly climate: Climate
  readonly clock: Clock
  readonly repository: FakeRepository
  readonly plan: readonly PlannedTask[]
  readonly runtime: () => FakeRuntime
  /** Null while it is down. */
  readonly server: () => SimulatedServer | null
  /** A hook; null when nobody answered it while it waited. */
  readonly tell: (instance: InstanceId, launch: number, said: object) => Decision | null
  /** A request that is not kept; null when nobody answers. */
  readonly deliver: (fact: Fact) => Decision | null
}

/** Everybody who acts for Claude Code: starts, takes prompts, works, asks, fails, and now and then says nothing. */
export class Agents {
  /** Every commit whose report was acknowledged to a worker. */
  readonly acknowledged = new Map<TaskId, Commit>()
  readonly #around: Surroundings

  constructor(around: Surroundings) {
    this.#around = around
  }

  comeUp({ instance, launch, resume }: LaunchOrder): undefined {
    void (async () => {
      await this.#wait(this.#around.random.between(300, 3_000))
      if (!(await this.#isAlive(instance, launch))) return
      this.#around.tell(instance, launch, { type: 'session-started', source: resume ? 'resume' : 'startup' })
      // Claude Code connects to the tools again and again until the server answers.
      while (!this.#around.deliver({ type: 'tools-listed', instance, launch }) && (await this.#isAlive(instance, launch)))
        await this.#wait(2_000)
      this.#around.runtime().say(instance, 'idle')
    })()
  }

  async take(instance: InstanceId, line: string): Promise<void> {
    const launch = this.#launchOf(instance)
    await this.#wait(this.#around.random.between(20, 400))
    if (!(await this.#isAlive(instance, launch))) return
    if (line === '/clear') {
      this.#around.tell(instance, launch, { type: 'session-started', source: 'clear' })
      return
    }
    if (this.#around.random.chance(this.#around.climate.hookTrouble)) return // the Enter was lost
    this.#around.runtime().say(instance, 'busy')
    this.#around.tell(instance, launch, { type: 'prompt-confirmed', text: line })
    await this.#turn(instance, launch)
  }

  async #turn(instance: InstanceId, launch: number): Promise<void> {
    for (;;) {
      await this.#wait(this.#around.random.between(500, 300_000))
      if (!(await this.#isAlive(instance, launch))) return
      if (this.#around.random.chance(this.#around.climate.limit)) {
        this.#around.runtime().say(instance, 'idle')
        this.#around.tell(instance, launch, { type: 'turn-failed', trouble: this.#trouble(), message: 'refused', inSubagent: false })
        return
      }
      if (instance === managerId) await this.#manage(launch)
      else await this.#work(instance, launch)
      if (!(await this.#isAlive(instance, launch))) return
      const answer = this.#around.tell(instance, launch, {
        type: 'turn-ended',
        backgroundTasks: 0,
        lastMessage: 'Done.',
        isAnswerable: true,
      })
      const isAnswered = answer?.commands.some(
        (command) => command.type === 'send-prompt' && command.instance === instance && command.prompt.way === 'answered',
      )
      if (!isAnswered) break
    }
    this.#around.runtime().say(instance, 'idle')
  }

  #trouble(): Trouble {
    const until = this.#around.clock.now() + this.#around.random.between(1_000, 3_600_000)
    return this.#around.random.pick<Trouble>([
      { kind: 'quota', window: 'unknown', until },
      { kind: 'throttled' },
      { kind: 'overloaded' },
      { kind: 'unreachable' },
    ])
  }

  async #work(worker: InstanceId, launch: number): Promise<void> {
    const caller = { instance: worker, launch }
    const task = this.#around.server()?.dispatcher.state.instances.get(worker)?.task
    if (!task || this.#around.random.chance(this.#around.climate.silence)) return
    const brief = await this.#ask((desk) => desk.brief(caller))
    if (brief === null || brief.isRefused) return
    if (this.#around.random.chance(this.#around.climate.question))
      return void (await this.#ask((desk) => desk.reportBlocked(caller, 'Which?')))
    const collides = this.#around.random.chance(this.#around.climate.collision)
    const file = collides ? 'index.js' : `src/${task}.js`
    const commit = brief.text.includes('Kind: conflict')
      ? this.#around.repository.mergeTarget(worker, task, { 'index.js': `top\n${task} and the others\n` })
      : this.#around.repository.commitOn(worker, task, { [file]: `top\n${task} ${launch} ${this.#around.clock.now()}\n` })
    await this.#wait(this.#around.random.between(0, 5_000))
    const report = await this.#ask((desk) => desk.reportDone(caller, `built ${task}`))
    if (report && !report.isRefused) this.acknowledged.set(task, commit)
  }

  async #manage(launch: number): Promise<void> {
    const state = this.#around.server()?.dispatcher.state
    if (!state) return
    const caller = { instance: managerId, launch }
    if (this.#around.random.chance(this.#around.climate.silence)) return
    if (state.run.phase.name === 'planning')
      this.#around.deliver({ type: 'plan-submitted', tasks: this.#around.plan, isComplete: true, ...caller })
    for (const { id, phase } of state.tasks.values()) {
      if (phase.name === 'blocked')
        this.#around.deliver({ type: 'task-answered', task: id, answer: 'This one.', worker: null, by: 'manager' })
    }
    if (state.run.phase.name === 'executing') this.#around.deliver({ type: 'run-finished', report: 'Built.', ...caller })
  }

  /** A tool call; null when the server is away or dies before it answers. */
  async #ask<Reply>(call: (desk: SimulatedServer['desk']) => Promise<Reply>): Promise<Reply | null> {
    const server = this.#around.server()
    if (!server) return null
    const lost = this.#wait(60_000).then(() => null)
    return Promise.race([call(server.desk).catch(() => null), lost])
  }

  #wait(ms: number): Promise<void> {
    return wait(this.#around.clock, ms)
  }

  #launchOf(instance: InstanceId): number {
    return launchOf(this.#around.runtime(), instance)
  }

  async #isAlive(instance: InstanceId, launch: number): Promise<boolean> {
    return (await this.#around.runtime().listRunning()).some((one) => one.instance === instance && one.launch === launch)
  }
}

export const wait = (clock: Clock, ms: number): Promise<void> => new Promise((resolve) => clock.alarm(clock.now() + ms, resolve))

export const launchOf = (runtime: FakeRuntime, instance: InstanceId): number =>
  runtime.orders.findLast((order) => order.instance === instance)?.launch ?? 0
