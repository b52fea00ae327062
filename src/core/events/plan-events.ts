import { applied, ignored, type Outcome } from '../model/outcome.ts'
import { markAllOutOfSync } from '../entities/sync.ts'
import type { Draft } from '../model/draft.ts'
import type { PlanEvent } from '../model/event.ts'
import type { LineId } from '../model/ids.ts'
import { traitsOf } from '../model/roles.ts'
import { finishRun, resumeWork } from '../rules/ending.ts'
import { addNotices, dropEditNotices, dropPlanNotices } from '../entities/notices.ts'
import { executePlan, noRequests, openTaskCount } from '../entities/plan-progress.ts'
import { enterListEdits, enterPlan } from '../entities/plan.ts'
import { changesOf, isNew, planProblems } from '../entities/plan-submission.ts'

/** Applies what changes the plan as a whole. */
export function applyPlanEvent(draft: Draft, event: PlanEvent): Outcome {
  switch (event.type) {
    case 'plan-submitted':
      return submit(draft, event)
    case 'plan-approved':
      return approve(draft)
    case 'plan-completed':
      return complete(draft)
    case 'direction-changed':
      return changeDirection(draft, event.line)
    case 'lists-edited':
      return editLists(draft, event)
    case 'run-finished':
      return finish(draft, event.report)
  }
}

function editLists(
  draft: Draft,
  { line, edits, problems: unread }: Extract<PlanEvent, { type: 'lists-edited' }>,
): Outcome {
  if (!draft.state.lines.has(line)) return ignored(`there is no line ${line}`)
  dropEditNotices(draft, line)
  const problems = shortened([...unread, ...enterListEdits(draft, line, edits)])
  if (edits.some(({ type }) => type === 'added')) forgetRequests(draft)
  if (problems.length > 0) {
    addNotices(draft, 'edit', line, problems)
    draft.notifyManager({ type: 'lists-edited', problems })
  }
  if (draft.state.run.phase.name === 'planning' && openTaskCount(draft.state) > 0) begin(draft)
  // A task that a human adds at the end is still done.
  if (openTaskCount(draft.state) > 0) resumeWork(draft)
  markAllOutOfSync(draft, 'lists')
  return applied
}

/** One edit may add ten thousand tasks, each with the same problem. */
const mostProblems = 19

function shortened(all: readonly string[]): readonly string[] {
  const problems = [...new Set(all)]
  const more = problems.length - mostProblems
  if (more <= 0) return problems
  return [...problems.slice(0, mostProblems), `${more} more edits were not carried out.`]
}

/** What the plan covered before need not be what is wanted now: the Manager decides again. */
function changeDirection(draft: Draft, line: LineId): Outcome {
  if (!draft.state.lines.has(line)) return ignored(`there is no line ${line}`)
  const { phase } = draft.state.run
  const isEnding = phase.name === 'finishing' || phase.name === 'publishing'
  if (phase.name !== 'executing' && !isEnding && phase.name !== 'awaiting-approval')
    return ignored(`the run is ${phase.name}: the Manager reads the file when it plans`)
  const text =
    'PROJECT_DIRECTION.md was changed on the target branch. The Manager compares the plan with it ' +
    'and submits a plan again.'
  addNotices(draft, 'direction', line, [text])
  draft.setRun({ planCompletedBy: null })
  if (isEnding) resumeWork(draft)
  else forgetRequests(draft)
  draft.notifyManager({ type: 'direction-changed' })
  return applied
}

function submit(
  draft: Draft,
  { instance, tasks, isComplete }: Extract<PlanEvent, { type: 'plan-submitted' }>,
): Outcome {
  const { run } = draft.state
  if (!traitsOf(draft.instance(instance).role).mayPlan) return ignored('only the Manager plans')
  const isOpen =
    run.phase.name === 'planning' ||
    run.phase.name === 'awaiting-approval' ||
    run.phase.name === 'executing'
  if (!isOpen) return ignored(`the run is ${run.phase.name}`)
  if (run.phase.name === 'planning' && tasks.length === 0)
    return ignored('A plan needs at least one task.')
  if (run.planCompletedBy === 'operator' && changesOf(draft.state, tasks).length > 0)
    return ignored(
      'the operator has declared the plan complete, so no tasks are added: when every task is ' +
        'over, call finish with your report',
    )
  const problems = planProblems(draft.state, tasks, 'manager')
  if (problems.length > 0) return ignored(problems.join('\n'))
  const grows = tasks.some(({ id }) => isNew(draft.state, id))
  if (run.planCompletedBy !== 'operator')
    draft.setRun({ planCompletedBy: isComplete ? 'manager' : null })
  dropPlanNotices(draft)
  if (run.phase.name === 'planning') begin(draft)
  else if (grows) forgetRequests(draft)
  enterPlan(draft, tasks, 'manager')
  markAllOutOfSync(draft, 'lists')
  return applied
}

/** Every proposed task may begin: those of the first plan, or those that were added to it later. */
function approve(draft: Draft): Outcome {
  const { run, tasks } = draft.state
  if (run.phase.name === 'awaiting-approval') executePlan(draft)
  else if (run.phase.name !== 'executing' || tasks.countIn('proposed') === 0)
    return ignored(`the run is ${run.phase.name}: no plan waits for approval`)
  for (const { id } of draft.state.tasks.in('proposed')) draft.enterTask(id, { name: 'waiting' })
  return applied
}

/** From now on the Manager is not asked for more tasks, and the run may end without its report. */
function complete(draft: Draft): Outcome {
  const { run, news } = draft.state
  if (run.phase.name !== 'executing') return ignored(`the run is ${run.phase.name}`)
  if (run.planCompletedBy === 'operator') return ignored('the plan is complete already')
  draft.setRun({ planCompletedBy: 'operator' })
  dropPlanNotices(draft)
  draft.set({ news: news.filter(({ type }) => type !== 'queue-low') })
  forgetRequests(draft)
  return applied
}

function finish(draft: Draft, report: string): Outcome {
  const open = openTaskCount(draft.state)
  if (draft.state.run.phase.name !== 'executing')
    return ignored(`the run is ${draft.state.run.phase.name}`)
  if (open > 0)
    return ignored(
      `${open} tasks are not over yet: wait for them, answer what blocks them, or cancel them.`,
    )
  if (draft.state.run.notices.some(({ kind }) => kind === 'direction'))
    return ignored(
      'PROJECT_DIRECTION.md was changed: read it again, then call submit_plan with what is ' +
        'missing, or without tasks when nothing is',
    )
  finishRun(draft, report)
  return applied
}

/** The first plan is there, from the Manager or from a human. */
function begin(draft: Draft): void {
  if (draft.state.policy.plan === 'auto') return executePlan(draft)
  const { phase } = draft.state.run
  const asked = phase.name === 'planning' ? phase.asked : 0
  draft.enterRun({ name: 'awaiting-approval', asked })
  for (const { id } of draft.state.tasks.in('waiting')) draft.enterTask(id, { name: 'proposed' })
}

/** The plan grew, so what the Manager is asked next is about another situation. */
function forgetRequests(draft: Draft): void {
  const { phase } = draft.state.run
  if (phase.name !== 'executing') return
  draft.setRun({ phase: { ...phase, ...noRequests(draft) } })
}
