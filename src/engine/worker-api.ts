import { briefOf } from '../core/text/brief.ts'
import type { Commit, InstanceId, Launch, TaskId } from '../core/model/ids.ts'
import type { State } from '../core/model/state.ts'
import type { Task } from '../core/model/task.ts'
import type { Repository } from '../ports/repository.ts'
import type { Workspaces } from '../ports/workspaces.ts'
import type { Dispatcher, NewEvent } from './dispatch/dispatcher.ts'

/** The bytes of the other side's changes that a brief carries at most; more is found with git in the workspace. */
const changesLimit = 6_000

export interface WorkerApiParts {
  readonly dispatcher: Dispatcher
  readonly repository: Repository
  readonly workspaces: Workspaces
  readonly targetBranch: string
}

interface Caller {
  readonly instance: InstanceId
  readonly launch: Launch
}

/** What a tool answers; a refusal is a text that the model can act upon. */
export interface Reply {
  readonly isRefused: boolean
  readonly text: string
}

const droppedText = (paths: readonly string[], target: string): string =>
  `The report was not taken: your merge of origin/${target} drops what others changed in ${paths.join(', ')}: it keeps your side whole. ` +
  'Bring their changes back so that both intents hold, commit, and report again. Only if nothing of theirs should stay, report again with ' +
  'these paths as `replaces`.'

const thanksFor = {
  reported: (task: TaskId): string => `Taken: ${task}. Stop now.`,
  blocked: (task: TaskId): string => `The question about ${task} is on its way. Stop now.`,
}

const done = (text: string): Reply => ({ isRefused: false, text })
const refused = (text: string): Reply => ({ isRefused: true, text })

/**
 * Where workers fetch their task and hand in their work. A brief also puts the workspace on the task's branch, and a
 * report is taken only together with its commits: what was acknowledged is in the hub already.
 */
export class WorkerApi {
  readonly #parts: WorkerApiParts

  constructor(parts: WorkerApiParts) {
    this.#parts = parts
  }

  async brief(caller: Caller): Promise<Reply> {
    const { dispatcher, workspaces, targetBranch } = this.#parts
    const task = this.#held(caller)
    if (!task) return refused('You hold no task. Stop; the next one will be handed to you.')
    const argv = ['workspace', 'begin', task.id, ...(task.commit === null ? [] : [task.commit])]
    const begun = await workspaces.runTool(caller.instance, argv)
    if (begun.exitCode !== 0)
      return refused(
        `Your workspace could not be prepared:\n${begun.stdout}${begun.stderr}\nMend it and call brief again.`,
      )
    const { ignored } = dispatcher.dispatch({ type: 'brief-fetched', ...caller, task: task.id })
    if (ignored !== null) return refused(ignored)
    const changes = await this.#changesAgainst(task)
    const saved = begun.stdout.trim()
    const brief = briefOf({ state: dispatcher.state, task: task.id, targetBranch, changes })
    return done(saved === '' ? brief : `${brief}\n\n## Your workspace\n\n${saved}`)
  }

  /** `replaces`: paths in which the worker means to keep nothing of what the target changed. */
  async reportDone(
    caller: Caller,
    summary: string,
    replaces: readonly string[] = [],
  ): Promise<Reply> {
    const { workspaces, repository } = this.#parts
    const task = this.#held(caller)
    if (!task) return this.#again(caller, 'reported', (known) => known.summary === summary)
    const ready = await workspaces.runTool(caller.instance, ['workspace', 'ready', task.id])
    if (ready.exitCode !== 0)
      return refused(
        `The report was not taken:\n${ready.stdout}${ready.stderr}\nMend this, then call report_done again.`,
      )
    const intake = await this.#takeIn(caller, task.id)
    if (intake.commit === null) return refused(`The report was not taken: ${intake.reason}`)
    const dropped = (await repository.discardedBy(intake.commit)).filter(
      (path) => !replaces.includes(path),
    )
    if (dropped.length > 0) return refused(droppedText(dropped, this.#parts.targetBranch))
    return this.#settle(
      { type: 'task-reported', ...caller, task: task.id, commit: intake.commit, summary },
      thanksFor.reported(task.id),
    )
  }

  async reportBlocked(caller: Caller, question: string): Promise<Reply> {
    const task = this.#held(caller)
    if (!task)
      return this.#again(
        caller,
        'blocked',
        ({ phase }) => phase.name === 'blocked' && phase.question === question,
      )
    const { commit } = await this.#takeIn(caller, task.id)
    return this.#settle(
      { type: 'task-blocked', ...caller, task: task.id, question, commit },
      thanksFor.blocked(task.id),
    )
  }

  reportProgress(caller: Caller, note: string): Reply {
    const task = this.#held(caller)
    if (!task) return refused('You hold no task.')
    return this.#settle({ type: 'task-progressed', ...caller, task: task.id, note }, 'Noted.')
  }

  /**
   * A server that dies takes the answer along, and then the same call comes once more, word for word. Whatever else a worker without a task
   * reports is not what was taken.
   */
  #again(
    { instance, launch }: Caller,
    outcome: keyof typeof thanksFor,
    isSame: (task: Task) => boolean,
  ): Reply {
    const isIt = (task: Task): boolean => {
      const last = task.attempts.at(-1)
      return (
        last?.instance === instance &&
        last.launch === launch &&
        last.outcome === outcome &&
        isSame(task)
      )
    }
    const task = [...this.#state.tasks.values()].find(isIt)
    return task
      ? done(thanksFor[outcome](task.id))
      : refused('You hold no task: this report changes nothing. Stop.')
  }

  #held({ instance: id, launch }: Caller): Task | null {
    const instance = this.#state.instances.get(id)
    if (instance?.launch !== launch || instance.task === null) return null
    return this.#state.tasks.get(instance.task) ?? null
  }

  get #state(): State {
    return this.#parts.dispatcher.state
  }

  #settle(fact: NewEvent, thanks: string): Reply {
    const { ignored } = this.#parts.dispatcher.dispatch(fact)
    return ignored === null ? done(thanks) : refused(`${ignored}. Stop.`)
  }

  async #takeIn(
    { instance }: Caller,
    task: TaskId,
  ): Promise<{ readonly commit: Commit | null; readonly reason: string }> {
    const { repository, workspaces } = this.#parts
    const outcome = await repository.takeIn(instance, task, workspaces.uploadPack(instance))
    return outcome.type === 'taken-in'
      ? { commit: outcome.commit, reason: '' }
      : { commit: null, reason: outcome.reason }
  }

  async #changesAgainst({ returned, commit }: Task): Promise<string | null> {
    if (returned?.kind !== 'conflict' || commit === null) return null
    return this.#parts.repository.describeChanges(commit, returned.paths, changesLimit)
  }
}
