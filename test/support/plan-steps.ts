import { managerId, TaskId } from '../../src/core/model/ids.ts'
import { line, planned } from './run.ts'
import { nth, type Step } from './walk-step.ts'

/** What can happen to the plan. */
export const planSteps = {
  plan: (run, n) =>
    run.when({
      type: 'plan-submitted',
      tasks: [
        planned(`t-${n % 3}`, { body: versionOf(n) }),
        planned(`t-${(n % 3) + 3}`, { body: versionOf(n), dependsOn: [TaskId(`t-${n % 3}`)] }),
        // It depends on the first in two ways.
        planned(`t-${(n % 3) + 6}`, {
          dependsOn: [TaskId(`t-${n % 3}`), TaskId(`t-${(n % 3) + 3}`)],
        }),
      ],
      isComplete: true,
      ...run.from(managerId),
    }),
  approve: (run) => run.when({ type: 'plan-approved' }),
  wish: (run, n) =>
    run.when({
      type: 'lists-edited',
      line,
      edits: [{ type: 'added', task: planned(`wish-${n % 3}`) }],
      problems: [],
    }),
  tick: (run, n) => {
    const found = nth(run.state.tasks.values(), n)
    return (
      found &&
      run.when({
        type: 'lists-edited',
        line,
        edits: [{ type: 'ticked', task: found.id }],
        problems: [],
      })
    )
  },
  finish: (run) => run.when({ type: 'run-finished', report: 'ok', ...run.from(managerId) }),
  'no commit': (run, n) => {
    const found = nth(run.state.instances.values(), n)
    const task = found?.task ?? null
    return (
      found &&
      task !== null &&
      run.briefed(found.id).when({
        type: 'task-needs-no-commit',
        task,
        reason: 'there already',
        ...run.from(found.id),
      })
    )
  },
  direct: (run) => run.when({ type: 'direction-changed', line }),
  complete: (run) => run.when({ type: 'plan-completed' }),
} satisfies Readonly<Record<string, Step>>

/** A plan submitted again replaces most of what it describes. */
const versionOf = (n: number): string => (n % 4 === 0 ? '' : `Version ${n}`)
