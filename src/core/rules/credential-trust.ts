import { isUsable } from '../entities/credential-leases.ts'
import type { Draft } from '../model/draft.ts'
import type { CredentialId, InstanceId } from '../model/ids.ts'
import type { CredentialPhase } from '../model/credential.ts'
import type { State } from '../model/state.ts'

export type Verdict = Exclude<CredentialPhase, { name: 'fresh' | 'leased' | 'missing' }>

/**
 * Credentials that the reports of one instance alone may keep out of use; an honest instance rarely
 * meets more.
 */
const maxWithdrawalsPerReporter = 3

/** Of a report by an instance; the longest usage window is a week. */
const maxCooldownMs = 8 * 24 * 3_600_000

/**
 * Whether the report of an instance may take a credential out of use. Each report gets it another
 * credential, so without a limit a hostile instance would use up the pool. True for a credential
 * that is out of use already: the report changes nothing then.
 */
export function isTrusted(
  { state }: Draft,
  reporter: InstanceId,
  credential: CredentialId,
): boolean {
  if (!isUsable(state.credentials.get(credential))) return true
  return !hasUsedUpTrust(state, reporter)
}

/** Whether the reports of this instance alone keep as many credentials out of use as they may. */
export function hasUsedUpTrust({ credentials }: State, reporter: InstanceId): boolean {
  const blamed = [...credentials.values()].filter(
    ({ phase }) => 'by' in phase && phase.by === reporter,
  )
  return blamed.length >= maxWithdrawalsPerReporter
}

/**
 * The verdict that follows from the report of one instance. If another instance has reported the
 * credential before, the milder verdict stands and counts against neither: a second report can
 * shorten a cooldown, never extend it.
 */
export function verdictFromReport(
  reporter: InstanceId,
  { state, at }: Draft,
  credential: CredentialId,
  verdict: Verdict,
): Verdict {
  const reported =
    verdict.name === 'cooling'
      ? { ...verdict, by: reporter, until: Math.min(verdict.until, at + maxCooldownMs) }
      : { ...verdict, by: reporter }
  const known = state.credentials.get(credential)?.phase
  if (!known || !isVerdict(known) || known.by === reporter) return reported
  return { ...milder(known, reported), by: null }
}

const isVerdict = (phase: CredentialPhase): phase is Verdict =>
  !['fresh', 'leased', 'missing'].includes(phase.name)

function milder(known: Verdict, reported: Verdict): Verdict {
  if (reported.name !== 'cooling') return known
  return known.name !== 'cooling' || reported.until < known.until ? reported : known
}
