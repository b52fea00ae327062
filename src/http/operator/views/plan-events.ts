import type { PlanEvent, TaskEvent } from '../../../core/model/event.ts'
import { because } from './event-record.ts'
import type { EventKind } from './event-kind.ts'

const run = (type: EventKind['type'], text: EventKind['text']): EventKind => ({
  type,
  subject: 'run',
  text,
})

export const planEvents: Record<PlanEvent['type'], EventKind> = {
  'plan-submitted': run(
    'plan-submitted',
    ({ instance, tasks }) => `${instance} submitted a plan of ${tasks.length} tasks`,
  ),
  'run-finished': run('run-finished', ({ instance }) => `${instance} finished the run`),
  'plan-approved': run('plan-approved', () => 'the operator approves the plan'),
  'plan-completed': run('plan-completed', () => 'the operator declares the plan complete'),
  'direction-changed': run('plan-edited', () => 'PROJECT_DIRECTION.md was changed on the origin'),
  'lists-edited': run(
    'plan-edited',
    ({ edits }) => `the task lists were edited on the origin (${edits.length} changes)`,
  ),
}

const task = (type: EventKind['type'], text: EventKind['text']): EventKind => ({
  type,
  subject: 'task',
  text,
})

const who = (by: string | null): string => (by === 'operator' ? 'the operator' : 'the Manager')

export const taskEvents: Record<TaskEvent['type'], EventKind> = {
  'brief-fetched': task('task-started', (event) => `${event.instance} begins task ${event.task}`),
  'task-reported': task(
    'task-reported',
    (event) => `${event.instance} reports task ${event.task} as done${because(event.summary)}`,
  ),
  'task-needs-no-commit': task(
    'task-reported',
    (event) =>
      `${event.instance} reports that task ${event.task} needs no commit${because(event.reason)}`,
  ),
  'task-blocked': task(
    'task-blocked',
    (event) => `${event.instance} asks about task ${event.task}${because(event.question)}`,
  ),
  'task-progressed': task(
    'task-progressed',
    (event) => `${event.instance} is at work on task ${event.task}${because(event.note)}`,
  ),
  'task-answered': task(
    'task-answered',
    (event) => `${who(event.by)} answers the question about task ${event.task}`,
  ),
  'protected-answered': task('protected-answered', ({ task: id, answer, reason }) =>
    answer === 'merge'
      ? `the operator approves what task ${id} changes in protected paths`
      : `the operator returns task ${id} for what it changes in protected paths${because(reason)}`,
  ),
  'task-cancelled': task(
    'task-cancelled',
    (event) => `${who(event.by)} cancels task ${event.task}${because(event.reason)}`,
  ),
}
