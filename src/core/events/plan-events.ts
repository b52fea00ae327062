import { applied, ignored, type Outcome } from '../model/outcome.ts'
import { markAllOutOfSync } from '../entities/sync.ts'
import type { Draft } from '../model/draft.ts'
import type { PlanEvent } from '../model/event.ts'
import { traitsOf } from '../model/roles.ts'
import { finishRun, openTaskCount } from '../rules/manager.ts'
import { enterListEdits, enterPlan, planProblems } from '../entities/plan.ts'

/** Applies what changes the plan as a whole. */
export function applyPlanEvent(draft: Draft, event: PlanEvent): Outcome {
  switch (event.type) {
    case 'plan-submitted':
      return submit(draft, event)
    case 'plan-approved':
      return approve(draft)
    case 'lists-edited': {
      if (!draft.state.lines.has(event.line)) return ignored(`there is no line ${event.line}`)
      const problems = [...event.problems, ...enterListEdits(draft, event.line, event.edits)]
      if (problems.length > 0) draft.notifyManager({ type: 'lists-edited', problems })
      if (draft.state.run.phase.name === 'planning' && draft.state.tasks.size > 0) begin(draft)
      // A task that a human adds at the end is still done.
      if (draft.state.run.phase.name === 'finishing' && openTaskCount(draft.state) > 0)
        execute(draft)
      markAllOutOfSync(draft, 'lists')
      return applied
    }
    case 'run-finished':
      return finish(draft, event.report)
  }
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
  const problems = planProblems(draft.state, tasks)
  if (problems.length > 0) return ignored(problems.join('\n'))
  draft.setRun({ planIsComplete: isComplete, askedForMore: false })
  if (run.phase.name === 'planning') begin(draft)
  else if (tasks.length > 0) recordGrowth(draft)
  enterPlan(draft, tasks)
  markAllOutOfSync(draft, 'lists')
  return applied
}

function approve(draft: Draft): Outcome {
  if (draft.state.run.phase.name !== 'awaiting-approval')
    return ignored(`the run is ${draft.state.run.phase.name}: no plan waits for approval`)
  execute(draft)
  for (const { id } of draft.state.tasks.in('proposed')) draft.enterTask(id, { name: 'waiting' })
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
  finishRun(draft, report)
  return applied
}

/** The first plan is there, from the Manager or from a human. */
function begin(draft: Draft): void {
  if (draft.state.policy.plan === 'auto') return execute(draft)
  draft.enterRun({ name: 'awaiting-approval' })
  for (const { id } of draft.state.tasks.in('waiting')) draft.enterTask(id, { name: 'proposed' })
}

/** A Manager that adds tasks has not ignored the requests before: the next end is a new one. */
function recordGrowth(draft: Draft): void {
  const { phase } = draft.state.run
  if (phase.name === 'executing') draft.setRun({ phase: { ...phase, askedToFinish: 0 } })
}

const execute = (draft: Draft): void => draft.enterRun({ name: 'executing', askedToFinish: 0 })
