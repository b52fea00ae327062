import { awaitsPerson } from '../../../core/entities/task.ts'
import { taskBranch } from '../../../core/model/ids.ts'
import type { Policy } from '../../../core/model/policy.ts'
import type { Task, TaskPhase } from '../../../core/model/task.ts'
import { isoTime } from '../../../lib/iso-time.ts'
import { routes } from '../../contract/routes.ts'
import type { TaskView } from '../../contract/task.ts'
import type { CurlOf } from './curl.ts'

export function viewTask(task: Task, policy: Policy, curl: CurlOf): TaskView {
  const { id, line, title, phase, assignee, dependsOn, attempts, progress, summary } = task
  return {
    id,
    line,
    title,
    body: phase.name === 'proposed' ? task.body : null,
    phase: publicTaskPhase[phase.name],
    since: isoTime(phase.since),
    assignee,
    dependsOn,
    attempts: attempts.length,
    branch: taskBranch(id),
    commit: phase.name === 'merged' ? phase.commit : task.commit,
    progress,
    summary,
    reason: reasonOf(task),
    needs: phase.name === 'blocked' ? needOfBlocked(task, policy, curl) : null,
  }
}

function needOfBlocked(task: Task, policy: Policy, curl: CurlOf): string {
  const who = awaitsPerson({ policy }, task)
    ? 'an answer of a person, because none of the Manager helped'
    : 'an answer; the Manager has the question too'
  return `${who}: ${curl(routes.answerTask, { task: task.id }, { answer: '…' })}`
}

export const publicTaskPhase: Record<TaskPhase['name'], TaskView['phase']> = {
  proposed: 'proposed',
  waiting: 'waiting',
  queued: 'queued',
  assigned: 'assigned',
  working: 'working',
  reported: 'reported',
  merging: 'merging',
  merged: 'merged',
  done: 'done',
  conflicted: 'conflicted',
  rejected: 'rejected',
  blocked: 'blocked',
  cancelled: 'cancelled',
}

function reasonOf({ phase, returned }: Task): string | null {
  if (phase.name === 'blocked') return phase.question
  return 'reason' in phase ? phase.reason : (returned?.kind ?? null)
}
