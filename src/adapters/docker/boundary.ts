import type { Outdated } from '../../ports/instances.ts'
import { gvisorRuntime, type Isolation } from './template.ts'

/** What is between a container and the rest of this machine, as the engine carries it out. */
export interface Boundary {
  readonly networkMode: string
  /** The name under which the engine knows its kernel; null where it was not asked. */
  readonly engineRuntime: string | null
}

/**
 * Why a container must not go on as it is; null when it has the boundary that a start would give
 * it. The record of the last start may be lost, so the container itself is compared. An instance
 * with another network does not reach the server, so it does not wait for the end of its task.
 */
export function outdatedBoundary(
  { networkMode, engineRuntime }: Boundary,
  wanted: { readonly networkMode: string; readonly isolation: Isolation },
): Outdated | null {
  if (networkMode !== wanted.networkMode)
    return { reason: 'it was started with another network', isUsable: false }
  const isGvisor = engineRuntime === null || engineRuntime === gvisorRuntime
  return wanted.isolation === 'gvisor' && !isGvisor
    ? { reason: 'it was started without gVisor', isUsable: false }
    : null
}
