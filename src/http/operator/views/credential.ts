import type { Credential, CredentialPhase } from '../../../core/model/credential.ts'
import { isoTime } from '../../../lib/iso-time.ts'
import type { CredentialView } from '../../contract/credential.ts'
import type { CurlOf } from './curl.ts'
import { credentialNeeds } from './pool-hints.ts'

export function viewCredential(credential: Credential, curl: CurlOf): CredentialView {
  const { id, kind, phase, capacity, leases, windows, disclosures } = credential
  return {
    id,
    kind,
    phase: publicCredentialPhase[phase.name],
    since: isoTime(phase.since),
    until: 'until' in phase ? isoTime(phase.until) : null,
    reason: reasonOf(credential),
    capacity,
    leases,
    windows: windows.map(({ window, usedPercent, resetsAt, seenAt }) => ({
      window,
      usedPercent,
      resetsAt: resetsAt === null ? null : isoTime(resetsAt),
      seenAt: isoTime(seenAt),
    })),
    disclosures: disclosures.map(({ instance, at, cause }) => ({
      instance,
      at: isoTime(at),
      cause,
    })),
    needs: credentialNeeds(credential, curl),
  }
}

export const publicCredentialPhase: Record<CredentialPhase['name'], CredentialView['phase']> = {
  fresh: 'fresh',
  leased: 'leased',
  missing: 'missing',
  cooling: 'cooling',
  rejected: 'rejected',
  spent: 'spent',
  disabled: 'disabled',
}

function reasonOf({ phase, unnamedLimits }: Credential): string | null {
  if ('reason' in phase) return phase.reason
  if (phase.name === 'cooling' && phase.window === 'unknown' && unnamedLimits > 0)
    return `refused for a limit without a name, ${unnamedLimits} in a row`
  return 'window' in phase ? `its ${phase.window} window is used up` : null
}
