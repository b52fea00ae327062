import { backOffMs } from '../model/back-off.ts'
import type { Draft } from '../model/draft.ts'
import type { Instant } from '../model/ids.ts'
import { hubTimeoutMs } from '../model/policy.ts'
import { lateReason } from '../model/retry.ts'
import type { SyncName } from '../model/run.ts'
import type { State } from '../model/state.ts'
import { missedAlarmMs } from './clock-skew.ts'

const syncNames = ['upstream', 'lists', 'publish'] as const satisfies readonly SyncName[]

const commandOf = { lists: 'commit-lists', publish: 'publish', upstream: 'merge-upstream' } as const

/** Requires the sync to run, again if it is running already. */
export function markOutOfSync(draft: Draft, name: SyncName): void {
  const sync = draft.state.run[name]
  if (sync.name === 'running') draft.setRun({ [name]: { ...sync, isStale: true } })
  else if (sync.name !== 'outdated') draft.enterSync(name, { name: 'outdated' })
}

/** Starts every sync that is due and not running. */
export function startDueSyncs(draft: Draft): void {
  for (const name of syncNames) {
    const sync = draft.state.run[name]
    const isDue = sync.name === 'outdated' || (sync.name === 'failed' && sync.until <= draft.at)
    if (!isDue) continue
    const tries = sync.name === 'failed' ? sync.tries : 0
    draft.enterSync(name, { name: 'running', since: draft.at, tries, isStale: false })
    draft.issue({ type: commandOf[name] })
  }
}

/**
 * Its command succeeded. A change during the run requires another run; so does one after a timeout.
 */
export function finishSync(draft: Draft, name: SyncName): void {
  const sync = draft.state.run[name]
  if (sync.name !== 'running' && sync.name !== 'failed') return
  const isStale = sync.name === 'running' && sync.isStale
  draft.enterSync(name, isStale ? { name: 'outdated' } : { name: 'current', since: draft.at })
}

/** Its command failed. A failure that arrives after the timeout changes nothing. */
export function failSync(draft: Draft, name: SyncName, reason: string): void {
  const sync = draft.state.run[name]
  if (sync.name !== 'running') return
  const tries = sync.tries + 1
  const until = draft.at + backOffMs(tries, draft.state.policy)
  draft.enterSync(name, { name: 'failed', since: draft.at, reason, tries, until })
}

/**
 * Fails syncs whose outcome was not reported in time, and schedules the next fetch from the origin.
 */
export function expireSyncs(draft: Draft): void {
  for (const name of syncNames) {
    const due = syncDue(draft.state, name)
    if (due === null || due > draft.at) continue
    const sync = draft.state.run[name]
    if (sync.name === 'current') markOutOfSync(draft, name)
    if (sync.name !== 'running') continue
    // While the machine slept, the command had no time to end.
    if (draft.at - due > missedAlarmMs) draft.setRun({ [name]: { ...sync, since: draft.at } })
    else failSync(draft, name, lateReason(hubTimeoutMs(draft.state.policy)))
  }
}

/** When a sync is tried again, times out or, for `upstream`, fetches from the origin again. */
export function syncDue({ run, policy }: State, name: SyncName): Instant | null {
  const sync = run[name]
  switch (sync.name) {
    case 'running':
      return sync.since + hubTimeoutMs(policy)
    case 'failed':
      return sync.until
    case 'current':
      return name === 'upstream' ? sync.since + policy.upstreamEveryMs : null
    case 'outdated':
      return null
  }
}

/** After a restart no sync is under way: those that ran are out of sync. */
export function resumeSyncs(draft: Draft): void {
  for (const name of syncNames) {
    if (draft.state.run[name].name === 'running') draft.enterSync(name, { name: 'outdated' })
  }
}
