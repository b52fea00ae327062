import type { InstanceId, RunId } from '../../core/model/ids.ts'
import type { Owner } from '../../hosting/owned-file.ts'
import type { Engine } from './engine.ts'
import { imageUser, type Isolation, type Limits } from './template.ts'
import type { ProvidedTools } from './tools.ts'

/** What every container of a run has in common. */
export interface DockerHost {
  readonly engine: Engine
  readonly tools: ProvidedTools
  readonly run: RunId
  readonly image: string
  readonly limits: Limits
  readonly isolation: Isolation
  /** The user that instances run as. */
  readonly user: Owner
  /** The file of the host with what containers trust; null for what their image trusts. */
  readonly certificates: string | null
  /** Variables of containers that reach other hosts. */
  readonly outward: () => Readonly<Record<string, string>>
  /** The hub's path on the host. */
  readonly hub: string
}

export const containerNameOf = ({ run }: DockerHost, instance: InstanceId): string =>
  `orchestrator-${run}-${instance}`

/**
 * Under root, instances run as the image's user. Any other user can only give files to itself, so
 * instances run as that user.
 */
export function containerUser(): Owner {
  const [uid = 0, gid = 0] = [process.getuid?.(), process.getgid?.()]
  return uid === 0 ? imageUser : { uid, gid }
}
