import { backOffMs } from '../model/back-off.ts'
import type { Command } from '../model/command.ts'
import type { Draft } from '../model/draft.ts'
import type { Instant, LineId } from '../model/ids.ts'
import { failureOf, type Line, type SyncName, syncNames } from '../model/line.ts'
import { hubTimeoutMs, type Policy } from '../model/policy.ts'
import { hasTeamAtWork } from '../model/run.ts'
import { lateReason } from '../model/retry.ts'
import { missedAlarmMs } from './clock-skew.ts'
import { isRewritten, originMergeOf } from './origin-conflict.ts'

function commandFor({ id: line, head, rewrite }: Line, name: SyncName): Command {
  if (name === 'lists') return { type: 'commit-lists', line }
  if (name === 'checks') return { type: 'check-base', line, commit: head }
  if (name === 'publish') return { type: 'publish', line, head }
  if (rewrite === null || rewrite.verdict === null) return { type: 'merge-upstream', line }
  const { verdict, before, after } = rewrite
  return { type: 'merge-upstream', line, answer: { verdict, before, after } }
}

/** Requires the sync to run, again if it is running already. */
export function markOutOfSync(draft: Draft, line: LineId, name: SyncName): void {
  const sync = draft.line(line)[name]
  if (sync.name === 'running') draft.setLine(line, { [name]: { ...sync, isStale: true } })
  else if (sync.name !== 'outdated')
    draft.enterSync(line, name, { name: 'outdated', failure: failureOf(sync) })
}

/** Requires the sync to run on every line. */
export function markAllOutOfSync(draft: Draft, name: SyncName): void {
  for (const line of draft.state.lines.keys()) markOutOfSync(draft, line, name)
}

/** Starts every sync that is due and not running. */
export function startDueSyncs(draft: Draft): void {
  for (const [line, name] of allSyncs(draft)) {
    const sync = draft.line(line)[name]
    const isDue = sync.name === 'outdated' || (sync.name === 'failed' && sync.until <= draft.at)
    if (!isDue || isHeld(draft, line, name)) continue
    const tries = sync.name === 'failed' ? sync.tries : 0
    draft.enterSync(line, name, { name: 'running', since: draft.at, tries, isStale: false })
    draft.issue(commandFor(draft.line(line), name))
  }
}

/**
 * The checks of a branch matter while work is planned or merged. A push cannot succeed before a
 * worker has merged the origin's commits that conflict, and must not undo what a person rewrote
 * there.
 */
function isHeld({ state }: Draft, line: LineId, name: SyncName): boolean {
  if (name === 'checks') return !hasTeamAtWork(state.run)
  if (name !== 'publish') return false
  return originMergeOf(state, line) !== null || isRewritten(state, line)
}

/**
 * Its command succeeded. A change during the run requires another run; so does one after a timeout.
 */
export function finishSync(draft: Draft, line: LineId, name: SyncName): void {
  const sync = draft.line(line)[name]
  if (sync.name !== 'running' && sync.name !== 'failed') return
  const isStale = sync.name === 'running' && sync.isStale
  const next = isStale
    ? ({ name: 'outdated', failure: null } as const)
    : ({ name: 'current', since: draft.at } as const)
  draft.enterSync(line, name, next)
}

/** Its command failed. A failure that arrives after the timeout changes nothing. */
export function failSync(draft: Draft, line: LineId, name: SyncName, reason: string): void {
  const sync = draft.line(line)[name]
  if (sync.name !== 'running') return
  const tries = sync.tries + 1
  if (isHeld(draft, line, name))
    return draft.enterSync(line, name, { name: 'outdated', failure: { reason, tries } })
  const until = draft.at + backOffMs(tries, draft.state.policy)
  draft.enterSync(line, name, { name: 'failed', since: draft.at, reason, tries, until })
}

/**
 * Fails syncs whose outcome was not reported in time, and schedules the next fetch from the origin.
 * A sync that is held has no deadline: it runs when nothing holds it any more.
 */
export function expireSyncs(draft: Draft): void {
  const { policy } = draft.state
  for (const [line, name] of allSyncs(draft)) {
    const sync = draft.line(line)[name]
    const due = syncDue(draft.line(line), name, policy)
    if (due === null || due > draft.at) continue
    const isHeldBack = sync.name === 'failed' && isHeld(draft, line, name)
    if (sync.name === 'current' || isHeldBack) markOutOfSync(draft, line, name)
    if (sync.name !== 'running') continue
    // While the machine slept, the command had no time to end.
    if (draft.at - due > missedAlarmMs)
      draft.setLine(line, { [name]: { ...sync, since: draft.at } })
    else failSync(draft, line, name, lateReason(hubTimeoutMs(policy)))
  }
}

/** When a sync is tried again, times out or, for `upstream`, fetches from the origin again. */
export function syncDue(line: Line, name: SyncName, policy: Policy): Instant | null {
  const sync = line[name]
  switch (sync.name) {
    case 'running':
      return sync.since + hubTimeoutMs(policy)
    case 'failed':
      return sync.until
    case 'current':
      if (name === 'upstream') return sync.since + policy.upstreamEveryMs
      return name === 'checks' && line.base?.name === 'failed'
        ? sync.since + recheckMs(line.base.times)
        : null
    case 'outdated':
      return null
  }
}

/**
 * 5, 10, 20 … minutes, at most an hour: a check that fails now and then passes soon, and one that
 * needs a repair runs again when others push.
 */
const recheckMs = (times: number): number => Math.min(5 * 60_000 * 2 ** (times - 1), 3_600_000)

/** After a restart no sync is under way: those that ran are out of sync. */
export function resumeSyncs(draft: Draft): void {
  for (const [line, name] of allSyncs(draft)) {
    if (draft.line(line)[name].name === 'running')
      draft.enterSync(line, name, { name: 'outdated', failure: null })
  }
}

const allSyncs = ({ state }: Draft): readonly (readonly [LineId, SyncName])[] =>
  [...state.lines.keys()].flatMap((line) => syncNames.map((name) => [line, name] as const))
