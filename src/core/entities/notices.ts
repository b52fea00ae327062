import type { Draft } from '../model/draft.ts'
import type { LineId } from '../model/ids.ts'
import type { Notice } from '../model/notice.ts'

/** One careless edit may give hundreds. */
const mostNotices = 20
/** Characters of one; the texts of plans are part of some. */
const longestText = 600

export function addNotices(
  draft: Draft,
  kind: Notice['kind'],
  line: LineId | null,
  texts: readonly string[],
): void {
  const added = texts.map((text) => ({
    at: draft.at,
    kind,
    line,
    text: text.slice(0, longestText),
  }))
  draft.setRun({ notices: newest([...draft.state.run.notices, ...added]) })
}

/** Drops the oldest ones, but none that says that the direction changed. */
function newest(notices: readonly Notice[]): readonly Notice[] {
  const surplus = notices.length - mostNotices
  const dropped = new Set(
    notices.filter(({ kind }) => kind !== 'direction').slice(0, Math.max(0, surplus)),
  )
  return notices.filter((notice) => !dropped.has(notice))
}

/** A person who edits the lists of a line again has seen what became of the last edit. */
export function dropEditNotices(draft: Draft, line: LineId): void {
  const { notices } = draft.state.run
  draft.setRun({ notices: notices.filter((each) => each.kind !== 'edit' || each.line !== line) })
}

/** The Manager has acted on what concerns the plan. */
export function dropPlanNotices(draft: Draft): void {
  draft.setRun({ notices: draft.state.run.notices.filter(({ kind }) => kind === 'edit') })
}
