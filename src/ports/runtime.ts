import type { Carriers } from './carriers.ts'
import type { CheckRunner } from './checks.ts'
import type { InstanceFiles } from './instance-files.ts'
import type { Instances } from './instances.ts'
import type { Workspaces } from './workspaces.ts'

export interface ServerAddress {
  /** Where instances reach the server: scheme, host and port, without a trailing slash. */
  readonly url: string
  /**
   * The local address on which the server must listen so that `url` reaches it; null when instances
   * use sockets of their own instead.
   */
  readonly listenOn: string | null
}

/** Everything that instances run on, as one adapter provides it. Consumers take single ports. */
export interface Runtime {
  /** The runtime's name in `/status`; nothing depends on it. */
  readonly kind: string
  /** Throws with a remedy in the message when instances cannot run here. */
  ensureUsable(): Promise<void>
  /** How instances reach the server, which listens on `port`. */
  serverAddress(port: number): Promise<ServerAddress>
  readonly instances: Instances
  readonly workspaces: Workspaces
  readonly files: InstanceFiles
  /** Null where instances have none. */
  readonly carriers: Carriers | null
  readonly checkRunner: CheckRunner
}
