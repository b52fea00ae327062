import type { Command } from '../../core/model/command.ts'
import type { LineId } from '../../core/model/ids.ts'
import { failureOf } from '../../core/model/line.ts'
import type { State } from '../../core/model/state.ts'
import { finalReport, type Unpublished } from '../../core/text/final-report.ts'
import type { RepositoryOf } from '../../ports/repository.ts'

export interface ReportParts {
  readonly state: () => State
  readonly repositoryOf: RepositoryOf
  readonly writeReport: (report: string) => Promise<void>
}

/** Writes the final report, with what the origins lack. */
export async function writeReport(
  { report, unpublished }: Extract<Command, { type: 'write-report' }>,
  parts: ReportParts,
): Promise<void> {
  const missing = await Promise.all(unpublished.map((line) => unpublishedOn(line, parts)))
  await parts.writeReport(finalReport(report, missing))
}

/** What the origin of a line lacks. Throws for an unknown line. */
export async function unpublishedOn(
  id: LineId,
  { state, repositoryOf }: Pick<ReportParts, 'state' | 'repositoryOf'>,
): Promise<Unpublished> {
  const line = state().lines.get(id)
  if (line === undefined) throw new Error(`there is no line ${id}`)
  const { branch, head, publish } = line
  const repository = repositoryOf(id)
  const commits = await repository.countUnpublished()
  const reason = failureOf(publish)?.reason ?? null
  return { branch, head, commits, reason, hub: repository.path }
}
