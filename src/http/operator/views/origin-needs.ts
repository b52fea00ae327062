import { originMergeOf } from '../../../core/entities/origin-conflict.ts'
import { failureOf, type Line } from '../../../core/model/line.ts'
import type { State } from '../../../core/model/state.ts'
import { quoteName } from '../../../core/text/quote.ts'
import { shellQuote } from '../../../lib/shell.ts'
import { routes } from '../../contract/routes.ts'
import type { CurlOf } from './curl.ts'

/** Why the run is not done although everything is built, and how a person can end it. */
export function needOfOrigins({ lines }: State, curl: CurlOf): string {
  const reasons = [...lines.values()].flatMap(({ branch, publish, upstream }) => {
    const failure = failureOf(upstream) ?? failureOf(publish)
    if (publish.name === 'current' && failure === null) return []
    return [`${branch}${failure === null ? '' : ` (${failure.reason})`}`]
  })
  const why =
    reasons.length === 0
      ? 'the run waits for a last fetch from its origin; '
      : `the origin does not take the last work of the run on ${reasons.join(', ')}; `
  return (
    why +
    'the server tries again and again. ' +
    `To end the run without that: ${curl(routes.acceptRun)}`
  )
}

/** The task that would merge the origin's commits was cancelled. */
export const isLeftToPerson = (state: State, { id, conflict }: Line): boolean =>
  conflict !== null && originMergeOf(state, id) === null

/** Only a push to the origin resolves the conflict: that is the one place which people write. */
export function needOfConflict({ branch, conflict }: Line, hub: string): string {
  const paths = conflict?.paths.slice(0, 5).map(quoteName).join(', ')
  const name = shellQuote(branch)
  return (
    `commits pushed to ${branch} of the origin conflict with the run's work (${paths}), and the ` +
    'task that merges them is over. In a clone of the origin, begin the merge: ' +
    `git checkout ${name} && git pull --ff-only origin ${name} && ` +
    `git pull --no-rebase --ff --no-edit ${shellQuote(hub)} ${name} ; when the conflict is resolved ` +
    `and committed: git push origin ${name}`
  )
}

export function needOfRewrite({ id, branch, rewrite, upstream }: Line, curl: CurlOf): string {
  const verdict = rewrite?.verdict ?? null
  // The other answer may be refused by now.
  if (verdict !== null) {
    const failed = upstream.name === 'failed' ? `: ${upstream.reason} ; it is tried again` : ''
    return (
      `the history of ${branch} at the origin was rewritten, and you answered "${verdict}". Nothing ` +
      `is pushed or merged until the server has done that, or you put the branch back${failed}`
    )
  }
  return (
    `the history of ${branch} at the origin was rewritten: it was at ${rewrite?.before}, and ` +
    `${rewrite?.after} does not contain that. Nothing is pushed or merged until you put the branch ` +
    'back, or follow the new history, which replays on it only what the origin never had: ' +
    `${curl(routes.answerRewrite, { line: id }, { answer: 'follow' })} ; ` +
    'or merge both histories, which brings back what the rewrite removed: ' +
    curl(routes.answerRewrite, { line: id }, { answer: 'keep' })
  )
}
