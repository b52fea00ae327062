import type { Commit } from '../model/ids.ts'

/** What the origin of a line lacks, as far as the server knows. */
export interface Unpublished {
  readonly branch: string
  readonly head: Commit
  readonly commits: number
  /** Why the last push failed; null when none has failed since. */
  readonly reason: string | null
  /** Path of the hub that has the commits. */
  readonly hub: string
}

/** The final report, with what is not on the origin and where it is. */
export function finalReport(report: string, unpublished: readonly Unpublished[]): string {
  if (unpublished.length === 0) return report
  return [
    report.trimEnd(),
    '## Not on the origin',
    'The run is complete, but these commits are only in the repository of the server:',
    unpublished.map((each) => `- ${describeUnpublished(each)}`).join('\n'),
  ].join('\n\n')
}

/** A sentence that says what is missing, where it is, and how to push it by hand. */
export const describeUnpublished = ({ branch, head, commits, reason, hub }: Unpublished): string =>
  `${commits} ${commits === 1 ? 'commit' : 'commits'} of ${branch}, up to ${head}, ` +
  `${commits === 1 ? 'is' : 'are'} on the branch ${branch} of ${hub}` +
  `${reason === null ? '' : ` (the last push failed: ${reason})`}. ` +
  `By hand: git --git-dir=${hub} push <origin> ${branch}`
