import { backOffMs } from '../model/back-off.ts'
import type { Draft } from '../model/draft.ts'
import type { Chore, Run } from '../model/run.ts'

type ChoreName = { [Key in keyof Run]: Run[Key] extends Chore ? Key : never }[keyof Run]

const commandOf = { lists: 'commit-lists', publish: 'publish', upstream: 'merge-upstream' } as const

/** From now on it is not true any more and must be made true again. */
export function owe(draft: Draft, name: ChoreName): void {
  const chore = draft.state.run[name]
  if (chore.name === 'running') setChore(draft, name, { ...chore, isStale: true })
  else setChore(draft, name, { name: 'owed' })
}

/** Sets off every chore that is owed; each runs once at a time. */
export function runChores(draft: Draft): void {
  for (const name of ['upstream', 'lists', 'publish'] as const) {
    const chore = draft.state.run[name]
    const isDue = chore.name === 'owed' || (chore.name === 'failed' && chore.until <= draft.at)
    if (!isDue) continue
    const tries = chore.name === 'failed' ? chore.tries : 0
    setChore(draft, name, { name: 'running', since: draft.at, tries, isStale: false })
    draft.ask({ type: commandOf[name] })
  }
}

export function finishChore(draft: Draft, name: ChoreName): void {
  const chore = draft.state.run[name]
  const isStale = chore.name === 'running' && chore.isStale
  setChore(draft, name, isStale ? { name: 'owed' } : { name: 'current', since: draft.at })
}

export function failChore(draft: Draft, name: ChoreName, reason: string): void {
  const chore = draft.state.run[name]
  const tries = (chore.name === 'running' ? chore.tries : 0) + 1
  setChore(draft, name, {
    name: 'failed',
    since: draft.at,
    reason,
    tries,
    until: draft.at + backOffMs(tries, draft.state.rules),
  })
}

/** After a restart nobody remembers a running chore: it is owed again. */
export function recallChores(draft: Draft): void {
  for (const name of ['lists', 'publish', 'upstream'] as const) {
    if (draft.state.run[name].name === 'running') setChore(draft, name, { name: 'owed' })
  }
}

function setChore(draft: Draft, name: ChoreName, chore: Chore): void {
  draft.setRun({ [name]: chore })
}
