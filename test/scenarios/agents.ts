import { type InstanceId, managerId, type TaskId } from '../../src/core/model/ids.ts'
import type { ModelError } from '../../src/core/model/model-error.ts'
import type { Dispatcher, NewEvent } from '../../src/engine/dispatch/dispatcher.ts'
import type { LaunchOrder } from '../../src/ports/instances.ts'
import type { Stage, StageOptions, WorkerTurn } from './stage.ts'

/** The default worker: one file per task, reported at once. */
export const worksWell: WorkerTurn = async ({ stage, worker, task }) => {
  await stage.workerApi.brief(stage.caller(worker))
  stage.repository.commitOn(worker, task, {
    [`src/${task}.js`]: `export const ${task.replaceAll('-', '_')} = 1\n`,
  })
  await stage.workerApi.reportDone(stage.caller(worker), `built ${task}`)
}

type Choices = Pick<StageOptions, 'plan' | 'work' | 'answer'>

/** Stands in for Claude Code: hooks, turns and the tools that the turns call. */
export class Agents {
  readonly #stage: Stage
  readonly #options: Choices
  readonly #turns = new Map<TaskId, number>()

  constructor(stage: Stage, options: Choices) {
    this.#stage = stage
    this.#options = options
  }

  readonly comeUp = ({ instance, launch, resume }: LaunchOrder): undefined => {
    setImmediate(() => {
      this.say({
        type: 'session-started',
        source: resume ? 'resume' : 'startup',
        instance,
        launch,
      })
      this.say({ type: 'tools-listed', instance, launch })
      this.#stage.runtime.say(instance, 'idle')
    })
  }

  /** Null when the server is closed: it refuses the hooks of instances that still run. */
  say(fact: NewEvent): ReturnType<Dispatcher['dispatch']> | null {
    try {
      return this.#stage.dispatcher.dispatch(fact)
    } catch {
      return null
    }
  }

  /** What an agent does with a line that was entered into its terminal. */
  take(instance: InstanceId, line: string): void {
    const caller = this.#stage.caller(instance)
    if (line === '/clear') {
      this.say({ type: 'session-started', source: 'clear', ...caller })
      return
    }
    this.#stage.runtime.say(instance, 'busy')
    this.say({ type: 'prompt-confirmed', text: line, ...caller })
    void this.#turn(instance)
  }

  async #turn(instance: InstanceId): Promise<void> {
    const caller = this.#stage.caller(instance)
    for (let goesOn = true; goesOn; ) {
      const modelError = await (instance === managerId ? this.#manage() : this.#work(instance))
      const isAlive = (await this.#stage.runtime.instances.listRunning()).some(
        (one) => one.instance === instance && one.launch === caller.launch,
      )
      if (!isAlive) return
      if (modelError) {
        this.#stage.runtime.say(instance, 'idle')
        this.say({
          type: 'turn-failed',
          modelError,
          message: 'the model refused',
          inSubagent: false,
          ...caller,
        })
        return
      }
      const decision = this.say({
        type: 'turn-ended',
        backgroundTasks: 0,
        lastMessage: 'Done.',
        isAnswerable: true,
        ...caller,
      })
      goesOn = decision !== null && decision.reply !== null
    }
    this.#stage.runtime.say(instance, 'idle')
  }

  async #work(worker: InstanceId): Promise<ModelError | void> {
    const task = this.#stage.dispatcher.state.instances.get(worker)?.task
    if (!task) return
    const count = (this.#turns.get(task) ?? 0) + 1
    this.#turns.set(task, count)
    return (this.#options.work ?? worksWell)({ stage: this.#stage, worker, task, count })
  }

  async #manage(): Promise<void> {
    const { run, tasks } = this.#stage.dispatcher.state
    const caller = this.#stage.caller(managerId)
    if (run.phase.name === 'planning')
      this.say({ type: 'plan-submitted', tasks: this.#options.plan, isComplete: true, ...caller })
    for (const { id, phase } of tasks.values()) {
      if (phase.name !== 'blocked') continue
      this.say({
        type: 'task-answered',
        task: id,
        answer: this.#options.answer ?? 'Go on.',
        worker: null,
        by: 'manager',
      })
    }
    if (run.phase.name === 'executing')
      this.say({ type: 'run-finished', report: 'Everything is built.', ...caller })
  }
}
