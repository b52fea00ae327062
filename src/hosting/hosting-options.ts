import type { Outward } from '../claude/launch/outward-variables.ts'
import type { Place } from '../claude/launch/place.ts'

/** What every runtime on the server's own machine needs to know. */
export interface HostingOptions {
  readonly stateDirectory: string
  /** The hub's path on the host. */
  readonly hub: string
  readonly targetBranch: string
  readonly model: string
  /** The operator's own variables for the agents. */
  readonly environment: Readonly<Record<string, string>>
  /** How programs reach other hosts; `certificates` is a file of this machine. */
  readonly outward: Outward
  /** Where instances reach the server. Called at every launch: the server listens by then. */
  readonly serverUrl: () => string
}

/** The parts of a place that do not depend on the runtime. */
export function commonPlace({
  serverUrl,
  targetBranch,
  model,
  environment,
}: HostingOptions): Pick<Place, 'serverUrl' | 'targetBranch' | 'model' | 'environment'> {
  return { serverUrl: serverUrl(), targetBranch, model, environment }
}
