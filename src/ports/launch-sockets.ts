import type { InstanceId, Launch } from '../core/model/ids.ts'

export interface LaunchName {
  readonly instance: InstanceId
  readonly launch: Launch
}

/** The names of the sockets in a launch's directory. `docker/tools/` knows them too. */
export const socketNames = { server: 'server.sock', proxy: 'egress.sock' } as const

/**
 * The Unix sockets through which an instance without a network reaches the server. The socket
 * through which a request arrives says which launch sent it.
 */
export interface LaunchSockets {
  /**
   * Listens in the directory, which must exist. Called again for the same launch, it changes
   * nothing; called for another one, it ends the sockets of the one before.
   */
  open(name: LaunchName, directory: string): Promise<void>
  close(instance: InstanceId): Promise<void>
  /** Other hosts and packages for a container that is no instance, and nothing of the run. */
  openForChecks(directory: string): Promise<AsyncDisposable>
  /** Only the server's socket, which answers every request with nothing. */
  openForProbe(directory: string): Promise<AsyncDisposable>
}
