import { hasBrief } from '../core/entities/task.ts'
import { briefOf } from '../core/text/brief.ts'
import type { Commit, InstanceId, Launch } from '../core/model/ids.ts'
import type { Task } from '../core/model/task.ts'
import type { JudgeWork, RepositoryOf } from '../ports/repository.ts'
import type { Workspaces } from '../ports/workspaces.ts'
import type { Dispatcher, NewEvent } from './dispatch/dispatcher.ts'
import { deliverBackups } from './deliver-backups.ts'
import { objectionTo } from './judge-report.ts'
import { sidesOf } from './origin-merge.ts'
import { accepted, acknowledge, refused, type Reply, unknownTask } from './worker-replies.ts'

export interface WorkerApiParts {
  readonly dispatcher: Dispatcher
  readonly repositoryOf: RepositoryOf
  readonly workspaces: Workspaces
}

/** The launch that calls a tool. */
interface Caller {
  readonly instance: InstanceId
  readonly launch: Launch
}

/** What the tools of a worker do. */
export interface WorkerApi {
  /** Puts the workspace on the task's branch and returns the task's brief. */
  brief(caller: Caller): Promise<Reply>
  /**
   * Accepts a report only after the intake: an acknowledged commit is in the hub already. Refuses
   * work that undoes what others changed, unless the plan or an answer names the paths.
   */
  reportDone(caller: Caller, summary: string): Promise<Reply>
  /** For a task that needs no commit. Refused while the workspace has changes or commits. */
  reportNoCommit(caller: Caller, reason: string): Promise<Reply>
  reportBlocked(caller: Caller, question: string): Promise<Reply>
  reportProgress(caller: Caller, note: string): Reply
}

export function createWorkerApi(parts: WorkerApiParts): WorkerApi {
  return {
    brief: (caller) => brief(caller, parts),
    reportDone: (caller, summary) => reportDone(caller, summary, parts),
    reportNoCommit: (caller, reason) => reportNoCommit(caller, reason, parts),
    reportBlocked: (caller, question) => reportBlocked(caller, question, parts),
    reportProgress: (caller, note) => reportProgress(caller, note, parts),
  }
}

/** Bytes of a brief for the other side of a conflict; git in the workspace shows the rest. */
const changesLimit = 6_000

async function brief(caller: Caller, parts: WorkerApiParts): Promise<Reply> {
  const { dispatcher, workspaces } = parts
  const task = taskOf(caller, parts)
  if (!task) return refused('You hold no task. Stop now. A prompt announces your next task.')
  // Read before the workspace is: the work begins here or later.
  const base = await parts.repositoryOf(task.line).head()
  const argv = ['workspace', 'begin', task.id, ...(task.commit === null ? [] : [task.commit])]
  const begun = await workspaces.runTool(caller.instance, argv)
  if (begun.exitCode !== 0) {
    // The worker knows its task now, so it may ask about it.
    dispatcher.dispatch({ type: 'brief-fetched', ...caller, task: task.id })
    return refused(
      `Your task is ${task.id}. The server could not prepare your workspace for it:\n` +
        `${begun.stdout}${begun.stderr}\nFix this, then call brief again. If you cannot, call ` +
        'report_blocked and say what fails.',
    )
  }
  const { ignored } = dispatcher.dispatch({
    type: 'brief-fetched',
    ...caller,
    task: task.id,
    base,
  })
  if (ignored !== null) return refused(`No brief: ${ignored}. Stop now.`)
  const changes = await changesAgainst(task, parts)
  const sides = await sidesOf(task, parts)
  const former = await formerOf(task, parts)
  const { state } = dispatcher
  const backups = await deliverBackups(task, caller.instance, { ...parts, state })
  const text = briefOf({ state, task: task.id, changes, sides, former, backups })
  const saved = begun.stdout.trim()
  return accepted(saved === '' ? text : `${text}\n\n## Your workspace\n\n${saved}`)
}

/** The former history on which the task was begun; null when the target still has that. */
async function formerOf(
  { line, commit, base }: Task,
  { repositoryOf }: WorkerApiParts,
): Promise<string | null> {
  const begun = commit ?? base
  return begun === null ? null : repositoryOf(line).formerHistoryIn(begun)
}

/** What the target changed in the paths in conflict; null for a task without a conflict. */
async function changesAgainst(
  { line, returned, commit }: Task,
  { repositoryOf }: WorkerApiParts,
): Promise<string | null> {
  if (returned?.kind !== 'conflict' || commit === null) return null
  return repositoryOf(line).describeChanges(commit, returned.paths, changesLimit)
}

async function reportDone(caller: Caller, summary: string, parts: WorkerApiParts): Promise<Reply> {
  const { dispatcher, workspaces } = parts
  const task = taskOf(caller, parts)
  if (!task)
    return answerWithoutTask(caller, 'reported', (known) => known.summary === summary, parts)
  if (!hasBrief(task)) return refused(unknownTask(task.id))
  const ready = await workspaces.runTool(caller.instance, ['workspace', 'ready', task.id])
  if (ready.exitCode !== 0)
    return refused(
      `Report rejected:\n${ready.stdout}${ready.stderr}\nFix this, then call report_done again.`,
    )
  const intake = await takeIn(caller, task, parts, (work) =>
    objectionTo(work, task, dispatcher.state),
  )
  if (intake.commit === null) return refused(`Report rejected: ${intake.reason}`)
  const event = { type: 'task-reported', ...caller, task: task.id } as const
  return record({ ...event, commit: intake.commit, summary }, acknowledge.reported(task.id), parts)
}

async function reportNoCommit(
  caller: Caller,
  reason: string,
  parts: WorkerApiParts,
): Promise<Reply> {
  const task = taskOf(caller, parts)
  if (!task) {
    const isSame = ({ phase }: Task): boolean => phase.name === 'done' && phase.reason === reason
    return answerWithoutTask(caller, 'reported', isSame, parts)
  }
  if (!hasBrief(task)) return refused(unknownTask(task.id))
  const argv = ['workspace', 'unchanged', task.id]
  const unchanged = await parts.workspaces.runTool(caller.instance, argv)
  if (unchanged.exitCode !== 0)
    return refused(
      `Report rejected: the workspace holds work.\n${unchanged.stdout}${unchanged.stderr}\n` +
        'If the task needs it, commit it and call report_done. If not, remove it and call ' +
        'report_no_commit again.',
    )
  const event = { type: 'task-needs-no-commit', ...caller, task: task.id, reason } as const
  const { ignored } = parts.dispatcher.dispatch(event)
  if (ignored === null) return acknowledge.reported(task.id)
  // While it holds the task, the reason says what to do instead.
  const end = taskOf(caller, parts) === null ? ' Stop now.' : ''
  return refused(`Report rejected: ${ignored}.${end}`)
}

async function reportBlocked(
  caller: Caller,
  question: string,
  parts: WorkerApiParts,
): Promise<Reply> {
  const task = taskOf(caller, parts)
  if (!task) {
    const isSame = ({ phase }: Task): boolean =>
      phase.name === 'blocked' && phase.question === question
    return answerWithoutTask(caller, 'blocked', isSame, parts)
  }
  if (!hasBrief(task)) return refused(unknownTask(task.id))
  const { commit } = await takeIn(caller, task, parts)
  return record(
    { type: 'task-blocked', ...caller, task: task.id, question, commit },
    acknowledge.blocked(task.id),
    parts,
  )
}

function reportProgress(caller: Caller, note: string, parts: WorkerApiParts): Reply {
  const task = taskOf(caller, parts)
  if (!task) return refused('You hold no task, so your note was not recorded. Stop now.')
  if (!hasBrief(task)) return refused(unknownTask(task.id))
  return record(
    { type: 'task-progressed', ...caller, task: task.id, note },
    accepted('Recorded.'),
    parts,
  )
}

/**
 * Claude Code repeats a call, word for word, when the server died before it answered: such a
 * report is acknowledged again. Any other report of a worker without a task is refused.
 */
function answerWithoutTask(
  { instance, launch }: Caller,
  outcome: keyof typeof acknowledge,
  isSameReport: (task: Task) => boolean,
  { dispatcher }: WorkerApiParts,
): Reply {
  const isAccepted = (task: Task): boolean => {
    const last = task.attempts.at(-1)
    return (
      last?.instance === instance &&
      last.launch === launch &&
      last.outcome === outcome &&
      isSameReport(task)
    )
  }
  const task = [...dispatcher.state.tasks.values()].find(isAccepted)
  return task
    ? acknowledge[outcome](task.id)
    : refused('You hold no task, so your report changes nothing. Stop now.')
}

/** The task that this launch holds. */
function taskOf({ instance: id, launch }: Caller, { dispatcher }: WorkerApiParts): Task | null {
  const { instances, tasks } = dispatcher.state
  const instance = instances.get(id)
  if (instance?.launch !== launch || instance.task === null) return null
  return tasks.get(instance.task) ?? null
}

/** Dispatches the event; `reply` answers it unless the core ignores it. */
function record(event: NewEvent, reply: Reply, { dispatcher }: WorkerApiParts): Reply {
  const { ignored } = dispatcher.dispatch(event)
  return ignored === null ? reply : refused(`Report rejected: ${ignored}. Stop now.`)
}

type TakenIn =
  | { readonly commit: Commit }
  /** `reason` is for the model. */
  | { readonly commit: null; readonly reason: string }

/** Fetches the task's commits into the hub. */
async function takeIn(
  { instance }: Caller,
  { id, line }: Task,
  { repositoryOf, workspaces }: WorkerApiParts,
  judge?: JudgeWork,
): Promise<TakenIn> {
  const uploadPack = workspaces.uploadPack(instance)
  const outcome = await repositoryOf(line).takeIn(instance, id, uploadPack, judge)
  return outcome.type === 'taken-in' ? outcome : { commit: null, reason: outcome.reason }
}
