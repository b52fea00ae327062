import type { Line } from '../model/line.ts'
import { shellQuote } from '../../lib/shell.ts'
import { fence } from './fence.ts'
import { quoteName } from './quote.ts'

/** What both sides did to the files in conflict, each as text for the brief. */
export interface Sides {
  readonly theirs: string
  readonly ours: string
}

/** How to merge what others pushed to the origin, for the brief of the task that does it. */
export function originMergeSection({ branch, conflict }: Line, sides: Sides | null): string {
  if (conflict === null) return ''
  const how = [
    `Others pushed commits to ${branch} of the origin, up to ${conflict.commit}. Merge them:`,
    fence(
      `git fetch "$ORCHESTRATOR_HUB" ${shellQuote(`refs/upstream/${branch}`)}\ngit merge FETCH_HEAD`,
    ),
    `These files conflict:\n\n${fence(conflict.paths.map(quoteName).join('\n'))}`,
    'Resolve the conflict so that the changes of both sides work, and commit the merge. Do not drop ' +
      'a line of either side without a reason. Do not squash or rebase: the report is accepted only ' +
      `if your branch contains ${conflict.commit}.`,
  ]
  const both =
    sides === null
      ? []
      : [`What others did:\n\n${fence(sides.theirs)}`, `What this run did:\n\n${fence(sides.ours)}`]
  return ['## What others pushed', ...how, ...both].join('\n\n')
}

/** Why a report is refused that does not contain the origin's commit. */
export const lacksOrigin = (branch: string, commit: string): string =>
  `your branch does not contain ${commit}, which others pushed to ${branch}. Run ` +
  `\`git fetch "$ORCHESTRATOR_HUB" refs/upstream/${branch}\` and \`git merge FETCH_HEAD\`, commit ` +
  'the merge, and call report_done again.'
