import { isUsable } from '../entities/credential-leases.ts'
import type { Draft } from '../model/draft.ts'
import type { CredentialId, InstanceId } from '../model/ids.ts'
import type { CredentialPhase } from '../model/credential.ts'

export type Verdict = Exclude<CredentialPhase, { name: 'fresh' | 'leased' | 'missing' }>

/** On the word of one instance alone no more credentials than this are out of use at the same time; an honest one rarely meets more. */
const maxWithdrawalsPerReporter = 3

/** The longest window is a week. */
const maxCooldownMs = 8 * 24 * 3_600_000

/**
 * An instance may say anything of the credential that it has, and gets another one for it: believed without end, a hostile one would use up
 * the pool. Where a verdict stands already its word takes nothing more out of use.
 */
export function isTrusted(
  { state }: Draft,
  accuser: InstanceId,
  credential: CredentialId,
): boolean {
  if (!isUsable(state.credentials.get(credential))) return true
  const accused = [...state.credentials.values()].filter(
    ({ phase }) => 'by' in phase && phase.by === accuser,
  )
  return accused.length < maxWithdrawalsPerReporter
}

/**
 * The verdict on an instance's word. Where another one has said something of the credential already, it is nobody's word alone any more, and
 * the milder verdict stands: a second word can end a pause sooner, never make it longer.
 */
export function verdictFromReport(
  accuser: InstanceId,
  { state, at }: Draft,
  credential: CredentialId,
  verdict: Verdict,
): Verdict {
  const told =
    verdict.name === 'cooling'
      ? { ...verdict, by: accuser, until: Math.min(verdict.until, at + maxCooldownMs) }
      : { ...verdict, by: accuser }
  const known = state.credentials.get(credential)?.phase
  if (!known || !isVerdict(known) || known.by === accuser) return told
  return { ...milder(known, told), by: null }
}

const isVerdict = (phase: CredentialPhase): phase is Verdict =>
  !['fresh', 'leased', 'missing'].includes(phase.name)

function milder(known: Verdict, told: Verdict): Verdict {
  if (told.name !== 'cooling') return known
  return known.name !== 'cooling' || told.until < known.until ? told : known
}
