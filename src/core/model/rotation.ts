import type { CredentialId, Instant } from './ids.ts'
import { timeouts } from './policy.ts'

/**
 * A credential on its way to a running launch. An instance has at most one: another credential that
 * is leased meanwhile is placed when this one has ended. So a report that the settings were read
 * does not belong to an earlier write.
 */
export interface Rotation {
  readonly credential: CredentialId
  /**
   * `placing`: the outcome of the command. `reading`: the instance has the credential, and Claude
   * Code has not reported since that it read its settings.
   */
  readonly step: 'placing' | 'reading'
  readonly since: Instant
  /** When the rotation fails, unless the step ends before. */
  readonly until: Instant
  /** Its file has another secret now: it is placed once more when this rotation ends. */
  readonly isOutdated: boolean
}

export const begun = (credential: CredentialId, at: Instant): Rotation => ({
  credential,
  step: 'placing',
  since: at,
  until: at + timeouts.placeMs,
  isOutdated: false,
})

/** The credential is in place. A second report follows when the server issued the command again. */
export const placed = (rotation: Rotation, at: Instant): Rotation => ({
  ...rotation,
  step: 'reading',
  since: at,
  until: at + timeouts.settingsReadMs,
})

/**
 * After a restart of the server, which issues the command again, or a sleep of the machine. A
 * credential that was in place still is: the hook may have waited in the outbox meanwhile.
 */
export const restarted = (rotation: Rotation, at: Instant): Rotation => ({
  ...rotation,
  since: at,
  until: at + timeouts.placeMs,
})
