import type { Evidence } from './verify.ts'

/** What a person took away from the origin for good. */
export interface Removal {
  readonly commits: readonly string[]
  /** Tasks whose merges are gone. */
  readonly tasks: readonly string[]
  /** Tasks that were reported on what is gone, and may be reported again without it. */
  readonly redone: readonly string[]
}

export const joinRemovals = (all: readonly Removal[]): Removal => ({
  commits: all.flatMap(({ commits }) => commits),
  tasks: all.flatMap(({ tasks }) => tasks),
  redone: all.flatMap(({ redone }) => redone),
})

/** The reports whose commits have to be at the origin all the same. */
export function keptReports(
  reported: Evidence['reported'],
  { commits, redone }: Removal,
): Evidence['reported'] {
  const last = new Map(reported.map((report) => [report.task, report]))
  return reported.filter(
    (report) =>
      !commits.includes(report.commit) &&
      (last.get(report.task) === report || !redone.includes(report.task)),
  )
}
