import { applied, ignored, type Outcome } from '../model/outcome.ts'
import type { Draft } from '../model/draft.ts'
import type { TaskEvent } from '../model/event.ts'
import { workerId } from '../model/ids.ts'
import { confirmDelivery, recordHeartbeat } from './heartbeats.ts'
import { budgetVerdict } from '../model/ledger.ts'
import { queueMerge } from '../rules/merge-queue.ts'
import { answerProtected } from '../rules/protected-work.ts'
import { noticeCancellation } from '../entities/plan.ts'
import { lineMergedBy } from '../entities/origin-conflict.ts'
import { markAllOutOfSync } from '../entities/sync.ts'
import { dropTask } from '../rules/cancelling.ts'
import {
  awaitsPerson,
  whyStuck,
  block,
  endAttempt,
  hasBrief,
  noteBrief,
  objectionToEnd,
} from '../entities/task.ts'

type Of<Type extends TaskEvent['type']> = Extract<TaskEvent, { type: Type }>

/** Applies what changes one task. */
export function applyTaskEvent(draft: Draft, event: TaskEvent): Outcome {
  const task = draft.state.tasks.get(event.task)
  if (!task) return ignored(`there is no task ${event.task}`)
  if ('launch' in event) {
    const instance = draft.instance(event.instance)
    if (instance.task !== task.id)
      return ignored(`${instance.id} does not hold task ${task.id}, which is ${task.phase.name}`)
    if (event.type !== 'brief-fetched' && !hasBrief(task))
      return ignored(`${instance.id} has not fetched the brief of task ${task.id}`)
    confirmByUse(draft, event)
  }
  switch (event.type) {
    case 'brief-fetched':
      noteBrief(draft, task.id)
      // Later attempts continue the same work: what others changed is counted from its begin.
      if (task.base === null && event.base !== undefined)
        draft.setTask(task.id, { base: event.base })
      return applied
    case 'task-progressed':
      draft.setTask(task.id, { progress: event.note })
      return applied
    case 'task-reported':
      return report(draft, event)
    case 'task-needs-no-commit':
      return reportNoCommit(draft, event)
    case 'task-blocked':
      draft.setTask(task.id, { commit: event.commit ?? task.commit })
      block(draft, task.id, event.instance, event.question)
      return applied
    case 'task-answered':
      return answer(draft, event)
    case 'protected-answered':
      return answerProtected(draft, event)
    case 'task-cancelled':
      return cancelTask(draft, event)
  }
}

/** A call of a tool for the task confirms its prompt, however the prompt was sent. */
function confirmByUse(
  draft: Draft,
  { instance: id }: { readonly instance: Of<'brief-fetched'>['instance'] },
): void {
  const instance = draft.setInstance(id, { isCredentialUnproved: false, turnsWithoutTools: 0 })
  if (instance.phase.name === 'prompted') confirmDelivery(draft, instance, instance.phase.prompt)
  else recordHeartbeat(draft, instance)
}

function report(
  draft: Draft,
  { task: id, instance, commit, summary }: Of<'task-reported'>,
): Outcome {
  endAttempt(draft, id, 'reported')
  draft.setInstance(instance, { task: null })
  draft.enterTask(
    id,
    { name: 'reported', instance, commit },
    { commit, summary, notes: [], returned: null, progress: null },
  )
  queueMerge(draft, id, instance, commit)
  return applied
}

/** Commits of an earlier attempt would be dropped without notice: they need a decision. */
function reportNoCommit(
  draft: Draft,
  { task: id, instance, reason }: Of<'task-needs-no-commit'>,
): Outcome {
  if (draft.task(id).commit !== null)
    return ignored(
      `task ${id} has commits of an earlier attempt: report them with report_done, or ask what ` +
        'becomes of them with report_blocked',
    )
  if (lineMergedBy(draft.state, id) !== null)
    return ignored(`task ${id} merges what others pushed, which needs a commit`)
  endAttempt(draft, id, 'reported')
  draft.setInstance(instance, { task: null })
  draft.enterTask(
    id,
    { name: 'done', by: 'worker', reason },
    { summary: reason, notes: [], returned: null, progress: null },
  )
  draft.notifyManager({ type: 'done', task: id })
  markAllOutOfSync(draft, 'lists')
  return applied
}

function answer(
  draft: Draft,
  { task: id, answer: text, worker, replaces = [], by }: Of<'task-answered'>,
): Outcome {
  const task = draft.task(id)
  const { phase, notes, assignee, replaces: known } = task
  if (phase.name !== 'blocked') return ignored(`task ${id} is ${phase.name}, not blocked`)
  if (budgetVerdict(draft.state.ledger, draft.state.policy.budget, id) === 'exceeded')
    return ignored(`the budget of task ${id} is used up: raise it, or cancel the task`)
  if (by === 'manager' && awaitsPerson(draft.state, task))
    return ignored(
      `task ${id} is not done after ${task.rounds} of your answers: a person has to decide` +
        (lineMergedBy(draft.state, id) === null ? '. You may only cancel it' : ''),
    )
  const { workerCount } = draft.state.policy
  if (worker !== null && (worker < 1 || worker > workerCount))
    return ignored(`there is no worker ${worker}: there are workers 1 to ${workerCount}`)
  const note = `You asked: ${phase.question}\nAnswer of the ${by}: ${text}`
  const isReturned = task.reworkCount > draft.state.policy.returns
  const next = worker === null ? assignee : workerId(worker)
  draft.enterTask(
    id,
    { name: 'queued' },
    {
      notes: [...notes, note],
      assignee: next,
      replaces: [...new Set([...known, ...replaces])],
      // An answer to a worker's own question does not make its returns undone.
      reworkCount: by === 'operator' || isReturned ? 0 : task.reworkCount,
      rounds:
        by === 'operator' ? 0 : task.rounds + (whyStuck(draft.state.policy, task) === null ? 0 : 1),
      // Its work still has to come onto the new history.
      returned: task.returned?.kind === 'rewritten' ? task.returned : null,
    },
  )
  return applied
}

function cancelTask(draft: Draft, { task: id, reason, by }: Of<'task-cancelled'>): Outcome {
  if (by === 'manager' && lineMergedBy(draft.state, id) !== null)
    return ignored(
      `task ${id} merges what others pushed: without it nothing of this run reaches the origin. ` +
        'Only a person can cancel it',
    )
  const objection = objectionToEnd(draft.state, draft.task(id))
  if (objection !== null)
    return ignored(
      objection.replace(/^it is/, `task ${id} is`).replace(/^it may/, `task ${id} may`),
    )
  const gone = dropTask(draft, id, reason, by)
  if (by === 'operator') noticeCancellation(draft, id, null, `cancelled ${id} (${reason})`, gone)
  return applied
}
