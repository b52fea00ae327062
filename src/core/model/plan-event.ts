import type { FromLaunch } from './from-launch.ts'
import type { Commit, LineId, TaskId } from './ids.ts'
import type { ListEdit, PlannedTask } from './plan.ts'

export type PlanEvent =
  | (FromLaunch & {
      readonly type: 'plan-submitted'
      readonly tasks: readonly PlannedTask[]
      readonly isComplete: boolean
    })
  | (FromLaunch & { readonly type: 'run-finished'; readonly report: string })
  | { readonly type: 'plan-approved' }
  /** The operator declares that the plan covers PROJECT_DIRECTION.md. */
  | { readonly type: 'plan-completed' }
  /** A person changed PROJECT_DIRECTION.md on the origin. */
  | { readonly type: 'direction-changed'; readonly line: LineId }
  | {
      readonly type: 'lists-edited'
      readonly line: LineId
      readonly edits: readonly ListEdit[]
      readonly problems: readonly string[]
    }

export type TaskEvent =
  | (FromLaunch & {
      readonly type: 'brief-fetched'
      readonly task: TaskId
      /** The target as the worker saw it when it fetched the brief. */
      readonly base?: Commit
    })
  | (FromLaunch & {
      readonly type: 'task-reported'
      readonly task: TaskId
      readonly commit: Commit
      readonly summary: string
    })
  /** The worker found that the task needs no commit; its workspace holds no work. */
  | (FromLaunch & {
      readonly type: 'task-needs-no-commit'
      readonly task: TaskId
      readonly reason: string
    })
  | (FromLaunch & {
      readonly type: 'task-blocked'
      readonly task: TaskId
      readonly question: string
      readonly commit: Commit | null
    })
  | (FromLaunch & {
      readonly type: 'task-progressed'
      readonly task: TaskId
      readonly note: string
    })
  | {
      readonly type: 'task-answered'
      readonly task: TaskId
      readonly answer: string
      readonly worker: number | null
      /** Paths in which the work may undo what others changed. */
      readonly replaces?: readonly string[]
      readonly by: 'manager' | 'operator'
    }
  /** A person looked at what the task changes in protected paths; `content` names what was seen. */
  | {
      readonly type: 'protected-answered'
      readonly task: TaskId
      readonly content: string
      readonly answer: 'merge' | 'return'
      /** For the worker, when it is returned. */
      readonly reason: string
    }
  | {
      readonly type: 'task-cancelled'
      readonly task: TaskId
      readonly reason: string
      readonly by: 'manager' | 'operator'
    }
