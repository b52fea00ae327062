import { saveWork } from '../entities/backup.ts'
import { markOutOfSync } from '../entities/sync.ts'
import type { Draft } from '../model/draft.ts'
import type { TaskEvent } from '../model/event.ts'
import { workerId } from '../model/ids.ts'
import { recordHeartbeat } from './instance-events.ts'
import { budgetVerdict } from '../model/ledger.ts'
import { queueMerge } from '../rules/merge-queue.ts'
import { cancelWithDependents } from '../entities/plan.ts'
import { block, endAttempt, isOver } from '../entities/task.ts'

type Of<Type extends TaskEvent['type']> = Extract<TaskEvent, { type: Type }>

/** Takes in what was said of one task; answers why that changes nothing, or null. */
export function applyTaskEvent(draft: Draft, fact: TaskEvent): string | null {
  const task = draft.state.tasks.get(fact.task)
  if (!task) return `there is no task ${fact.task}`
  if ('launch' in fact) {
    const instance = draft.instance(fact.instance)
    if (instance.task !== task.id)
      return `${instance.id} does not hold task ${task.id}, which is ${task.phase.name}`
    confirmByUse(draft, fact)
  }
  switch (fact.type) {
    case 'brief-fetched':
      return null
    case 'task-progressed':
      draft.setTask(task.id, { progress: fact.note })
      return null
    case 'task-reported':
      return report(draft, fact)
    case 'task-blocked':
      draft.setTask(task.id, { commit: fact.commit ?? task.commit })
      block(draft, task.id, fact.instance, fact.question)
      return null
    case 'task-answered':
      return answer(draft, fact)
    case 'task-cancelled':
      return cancelTask(draft, fact)
  }
}

/** Using a tool for the task proves that its prompt arrived, whichever way it went. */
function confirmByUse(
  draft: Draft,
  { instance: id }: { readonly instance: Of<'brief-fetched'>['instance'] },
): void {
  const instance = draft.instance(id)
  if (instance.phase.name === 'prompted') {
    draft.setInstance(id, {
      phase: { ...instance.phase, prompt: { ...instance.phase.prompt, way: 'answered' } },
    })
  }
  recordHeartbeat(
    draft,
    draft.setInstance(id, { isCredentialUnproved: false, turnsWithoutTools: 0 }),
  )
}

function report(
  draft: Draft,
  { task: id, instance, commit, summary }: Of<'task-reported'>,
): string | null {
  endAttempt(draft, id, 'reported')
  draft.setInstance(instance, { task: null })
  draft.enterTask(
    id,
    { name: 'reported', instance, commit },
    { commit, summary, notes: [], returned: null, progress: null },
  )
  queueMerge(draft, id, instance, commit)
  return null
}

function answer(
  draft: Draft,
  { task: id, answer: text, worker, by }: Of<'task-answered'>,
): string | null {
  const { phase, notes, assignee } = draft.task(id)
  if (phase.name !== 'blocked') return `task ${id} is ${phase.name}, not blocked`
  if (budgetVerdict(draft.state.ledger, draft.state.rules.budget, id) === 'exceeded')
    return `the budget of task ${id} is used up: raise it, or cancel the task`
  if (worker !== null && !draft.state.instances.has(workerId(worker)))
    return `there is no worker ${worker}`
  const note = `You asked: ${phase.question}\nAnswer of the ${by}: ${text}`
  const next = worker === null ? assignee : workerId(worker)
  draft.enterTask(
    id,
    { name: 'queued' },
    { notes: [...notes, note], assignee: next, returns: 0, returned: null },
  )
  return null
}

function cancelTask(draft: Draft, { task: id, reason }: Of<'task-cancelled'>): string | null {
  const { phase } = draft.task(id)
  if (isOver(phase)) return `task ${id} is ${phase.name}`
  const merge = draft.state.merges.find(({ task }) => task === id)?.phase
  if (phase.name === 'merging' && merge?.name !== 'failed') return `task ${id} is being merged`
  if (merge?.name === 'failed' && merge.mayHaveLanded)
    return `task ${id} may be merged already: its merge is looked at again within a minute`
  endAttempt(draft, id, 'cancelled')
  for (const instance of draft.state.instances.values()) {
    if (instance.task !== id) continue
    saveWork(draft, instance.id, id, 'the task is cancelled')
    draft.setInstance(instance.id, { task: null })
  }
  draft.removeMerge(id)
  cancelWithDependents(draft, id, reason)
  markOutOfSync(draft, 'lists')
  return null
}
