import { markOutOfSync } from '../entities/sync.ts'
import type { Draft } from '../model/draft.ts'
import type { OperatorEvent, PlanEvent } from '../model/event.ts'
import { finishRun, openTaskCount } from '../rules/manager.ts'
import { enterListEdits, enterPlan, planProblems } from '../entities/plan.ts'

type Fact = Extract<
  PlanEvent | OperatorEvent,
  { type: 'plan-submitted' | 'plan-approved' | 'run-finished' | 'lists-edited' }
>

/** Takes in what was said of the plan as a whole; answers why that changes nothing, or null. */
export function applyPlanEvent(draft: Draft, fact: Fact): string | null {
  switch (fact.type) {
    case 'plan-submitted':
      return submit(draft, fact)
    case 'plan-approved':
      return approve(draft)
    case 'lists-edited': {
      const problems = [...fact.problems, ...enterListEdits(draft, fact.edits)]
      if (problems.length > 0) draft.notifyManager({ type: 'lists-edited', problems })
      if (draft.state.run.phase.name === 'planning' && draft.state.tasks.size > 0) begin(draft)
      // A human's last wish comes before the end.
      if (draft.state.run.phase.name === 'finishing' && openTaskCount(draft.state) > 0)
        execute(draft)
      markOutOfSync(draft, 'lists')
      return null
    }
    case 'run-finished':
      return finish(draft, fact.report)
  }
}

function submit(
  draft: Draft,
  { instance, tasks, isComplete }: Extract<Fact, { type: 'plan-submitted' }>,
): string | null {
  const { run } = draft.state
  if (draft.instance(instance).role !== 'manager') return 'only the Manager plans'
  const isOpen =
    run.phase.name === 'planning' ||
    run.phase.name === 'awaiting-approval' ||
    run.phase.name === 'executing'
  if (!isOpen) return `the run is ${run.phase.name}`
  if (run.phase.name === 'planning' && tasks.length === 0) return 'A plan needs at least one task.'
  const problems = planProblems(draft.state, tasks)
  if (problems.length > 0) return problems.join('\n')
  draft.setRun({ planIsComplete: isComplete, askedForMore: false })
  if (run.phase.name === 'planning') {
    begin(draft)
  }
  enterPlan(draft, tasks)
  markOutOfSync(draft, 'lists')
  return null
}

function approve(draft: Draft): string | null {
  if (draft.state.run.phase.name !== 'awaiting-approval')
    return `the run is ${draft.state.run.phase.name}: no plan waits for approval`
  execute(draft)
  for (const { id, phase } of draft.state.tasks.values())
    if (phase.name === 'proposed') draft.enterTask(id, { name: 'waiting' })
  return null
}

function finish(draft: Draft, report: string): string | null {
  const open = openTaskCount(draft.state)
  if (draft.state.run.phase.name !== 'executing') return `the run is ${draft.state.run.phase.name}`
  if (open > 0)
    return `${open} tasks are not over yet: wait for them, answer what blocks them, or cancel them.`
  finishRun(draft, report)
  return null
}

/** A plan is there, whoever wrote it. */
function begin(draft: Draft): void {
  if (draft.state.rules.plan === 'auto') return execute(draft)
  draft.enterRun({ name: 'awaiting-approval' })
  for (const { id, phase } of draft.state.tasks.values())
    if (phase.name === 'waiting') draft.enterTask(id, { name: 'proposed' })
}

const execute = (draft: Draft): void => draft.enterRun({ name: 'executing', askedToFinish: 0 })
