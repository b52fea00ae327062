import { backOffMs } from '../model/back-off.ts'
import type { Draft } from '../model/draft.ts'
import type { Sync, Run } from '../model/run.ts'

type SyncName = { [Key in keyof Run]: Run[Key] extends Sync ? Key : never }[keyof Run]

const commandOf = { lists: 'commit-lists', publish: 'publish', upstream: 'merge-upstream' } as const

/** From now on it is not true any more and must be made true again. */
export function markOutOfSync(draft: Draft, name: SyncName): void {
  const chore = draft.state.run[name]
  if (chore.name === 'running') setSync(draft, name, { ...chore, isStale: true })
  else setSync(draft, name, { name: 'owed' })
}

/** Sets off every chore that is owed; each runs once at a time. */
export function startDueSyncs(draft: Draft): void {
  for (const name of ['upstream', 'lists', 'publish'] as const) {
    const chore = draft.state.run[name]
    const isDue = chore.name === 'owed' || (chore.name === 'failed' && chore.until <= draft.at)
    if (!isDue) continue
    const tries = chore.name === 'failed' ? chore.tries : 0
    setSync(draft, name, { name: 'running', since: draft.at, tries, isStale: false })
    draft.issue({ type: commandOf[name] })
  }
}

export function finishSync(draft: Draft, name: SyncName): void {
  const chore = draft.state.run[name]
  const isStale = chore.name === 'running' && chore.isStale
  setSync(draft, name, isStale ? { name: 'owed' } : { name: 'current', since: draft.at })
}

export function failSync(draft: Draft, name: SyncName, reason: string): void {
  const chore = draft.state.run[name]
  const tries = (chore.name === 'running' ? chore.tries : 0) + 1
  setSync(draft, name, {
    name: 'failed',
    since: draft.at,
    reason,
    tries,
    until: draft.at + backOffMs(tries, draft.state.rules),
  })
}

/** After a restart nobody remembers a running chore: it is owed again. */
export function resumeSyncs(draft: Draft): void {
  for (const name of ['lists', 'publish', 'upstream'] as const) {
    if (draft.state.run[name].name === 'running') setSync(draft, name, { name: 'owed' })
  }
}

function setSync(draft: Draft, name: SyncName, chore: Sync): void {
  draft.setRun({ [name]: chore })
}
