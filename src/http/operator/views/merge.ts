import type { TaskId } from '../../../core/model/ids.ts'
import type { Merge, MergePhase } from '../../../core/model/merge.ts'
import type { ProtectedWork } from '../../../core/model/protected.ts'
import { workToAnswer } from '../../../core/rules/protected-work.ts'
import { quoteName } from '../../../core/text/quote.ts'
import { isoTime } from '../../../lib/iso-time.ts'
import type { MergeView } from '../../contract/merge.ts'
import { routes } from '../../contract/routes.ts'
import type { CurlOf } from './curl.ts'

export const viewMerge = (merge: Merge, curl: CurlOf): MergeView => {
  const { line, task, commit, phase } = merge
  const work = workToAnswer(merge)
  return {
    line,
    task,
    commit,
    phase: publicPhase[phase.name],
    since: isoTime(phase.since),
    reason: 'reason' in phase ? phase.reason : null,
    protected:
      work === null
        ? null
        : {
            content: work.content,
            paths: work.paths,
            count: work.count,
            base: work.base,
            candidate: work.candidate,
          },
    needs: work === null ? null : needOfProtected(task, work, curl),
  }
}

/** How many paths a need names; the command that it begins with shows all of them. */
const namedPaths = 5

/** The command lines by which a person looks at the change and answers. */
export function needOfProtected(task: TaskId, work: ProtectedWork, curl: CurlOf): string {
  const { content, paths, count } = work
  const named = paths.slice(0, namedPaths).map(quoteName).join(', ')
  const more = count > namedPaths ? ` and ${count - namedPaths} more` : ''
  const answer = (body: object) => curl(routes.answerProtected, { task }, body)
  return (
    `the work of task ${task} changes protected paths (${named}${more}) and waits for you; look at ` +
    `the change: ${curl(routes.protectedChanges, { task })} ; to merge exactly that: ` +
    `${answer({ answer: 'merge', content })} ; to return it to its worker: ` +
    answer({ answer: 'return', content, reason: '…' })
  )
}

const publicPhase: Record<MergePhase['name'], MergeView['phase']> = {
  queued: 'queued',
  trying: 'trying',
  checking: 'checking',
  held: 'held',
  failed: 'failed',
}

/** `changes`: each path, and a diff. */
export function viewProtected(merge: Merge, changes: string, curl: CurlOf): string {
  const work = workToAnswer(merge)
  if (work === null) return changes
  const { task, instance, commit } = merge
  return (
    `Task ${task}, reported by ${instance} as ${commit}, merged with ${work.base}.\n` +
    `It changes ${work.count} protected paths:\n\n${changes}\n\n` +
    `${needOfProtected(task, work, curl)}\n`
  )
}
