import type { Brief } from './brief.ts'
import type { Step, ToolStep } from './step.ts'
import { mergeBothSides, report } from './work.ts'

/**
 * What the brief says to fetch before the merge; null when it is no merge of what others pushed.
 */
export const fetchedFor = ({ text }: Brief): string | null =>
  /^git fetch "\$ORCHESTRATOR_HUB" refs\/upstream\/\S+$/m.exec(text)?.[0] ?? null

/** Merges what others pushed to the origin, by the commands of the brief, and keeps both sides. */
export const originMerge = (brief: Brief, fetch: string): readonly Step[] => [
  ...(brief.kind === 'conflict' ? [mergeBothSides(brief.target)] : []),
  mergeBothSides('FETCH_HEAD', fetch),
  ...report('Kept what others pushed and what this run did.'),
]

/** Others pushed more since the brief: that is merged, too, and the report is tried again. */
export const mendOriginMerge =
  (fetch: string) =>
  (_: ToolStep, reason: string): readonly Step[] =>
    reason.includes('does not contain') ? [mergeBothSides('FETCH_HEAD', fetch)] : []
