import { isSpoken, readProtocol, toolProtocol } from '../claude/launch/protocol.ts'
import type { Outdated } from '../ports/instances.ts'

/** What a launch runs on. */
export interface LaunchRecord {
  /** The one that its tools speak. */
  readonly protocol: string
  /** Identifies the image, or the tools and the executable of a process. */
  readonly build: string
}

/** As an earlier server recorded it; undefined where it recorded nothing. */
export type FoundRecord = { readonly [Name in keyof LaunchRecord]: string | undefined }

/**
 * Why a launch does not run on what a start would give it now; null when it does, or when `now` is
 * unknown. `what` names what else it runs on.
 */
export function outdatedBy(
  found: FoundRecord,
  now: LaunchRecord | null,
  what: string,
): Outdated | null {
  if (now === null) return null
  const [before, after] = [readProtocol(found.protocol), readProtocol(now.protocol)]
  if (before === after && found.build === now.build) return null
  const reason =
    before === after
      ? `it was started with ${what}`
      : `its tools speak protocol ${before}, and new ones speak ${after}`
  return { reason, isUsable: isSpoken(before, toolProtocol) }
}
