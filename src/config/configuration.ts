import type { Policy } from '../core/model/policy.ts'
import { defaultWord, protectedByDefault } from '../core/model/protected.ts'
import { policyFrom } from './policy.ts'
import { resolvePath, type Bases } from './paths.ts'
import type { Settings } from './schema.ts'

/** The operator's settings: complete, checked, and in the server's units. */
export interface Configuration {
  readonly file: string
  /** Safe to pass to git; a path on this machine is absolute. */
  readonly repositoryUrl: string
  readonly branch: string
  /** Sorted and absolute; their contents are not read yet. */
  readonly credentialFiles: readonly string[]
  /** Finds these files, and those that appear later. */
  readonly credentialGlob: CredentialGlob
  /** `auto`: the kinds of the credentials decide about `policy.credentials`. */
  readonly credentialWay: Settings['credentials']
  readonly stateDirectory: string
  readonly host: string
  /** 0 selects a free port. */
  readonly port: number
  /** The address of a proxy in front; null without one. */
  readonly publicUrl: string | null
  readonly logLevel: Settings['logLevel']
  readonly runtime: Settings['runtime']
  /** What containers reach. Processes reach what this machine reaches. */
  readonly network: NonNullable<Settings['network']>
  /** Null for the one that npm on this machine uses. */
  readonly npmRegistry: string | null
  /** As in the settings; each can be read. */
  readonly allowHosts: readonly string[]
  /** A URL, the absolute path of a file with one, or `none`; null where it is not set. */
  readonly upstreamProxy: string | null
  /** Null where they are not set. */
  readonly directHosts: readonly string[] | null
  /** Absolute; null where it is not set. */
  readonly caFile: string | null
  /** What is between a container and the kernel of this machine. */
  readonly isolation: Settings['isolation']
  readonly image: string
  readonly model: string
  readonly checks: {
    readonly commands: readonly string[]
    readonly timeoutMs: number
    readonly network: Settings['checks']['network']
  }
  readonly publish: Publish
  /** Globs; `default` is written out. */
  readonly protect: readonly string[]
  /** E-mail addresses. */
  readonly authors: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** Resource limits of one instance. */
  readonly resources: { readonly memoryMb: number; readonly cpus: number; readonly pids: number }
  /** What one instance may use of the disk. */
  readonly diskMb: number
  readonly policy: Policy
}

export interface CredentialGlob {
  readonly pattern: string
  readonly directory: string
}

export type Publish = { readonly to: 'branch'; readonly branch: string } | { readonly to: 'none' }

export interface Found {
  readonly file: string
  readonly repositoryUrl: string
  readonly credentialFiles: readonly string[]
  readonly credentialGlob: CredentialGlob
  readonly bases: Bases
}

export function configurationFrom(
  settings: Settings,
  { file, repositoryUrl, credentialFiles, credentialGlob, bases }: Found,
): Configuration {
  const { branch, host, port, logLevel, runtime, image, model, environment, checks } = settings
  const { limits } = settings
  return {
    file,
    repositoryUrl,
    branch,
    credentialFiles,
    credentialGlob,
    credentialWay: settings.credentials,
    stateDirectory: resolvePath(settings.stateDirectory, bases),
    host,
    port,
    publicUrl: settings.publicUrl ?? null,
    logLevel,
    runtime,
    // The process runtime has no boundary.
    network: settings.network ?? (settings.runtime === 'docker' ? 'sealed' : 'open'),
    allowHosts: settings.allowHosts,
    npmRegistry: settings.npmRegistry ?? null,
    upstreamProxy: proxyFrom(settings, bases),
    directHosts: settings.directHosts ?? null,
    caFile: settings.caFile === undefined ? null : resolvePath(settings.caFile, bases),
    isolation: settings.isolation,
    image,
    model,
    checks: {
      commands: checks.commands,
      timeoutMs: checks.timeoutMinutes * 60_000,
      network: checks.network,
    },
    publish: publishFrom(settings),
    protect: settings.protect.flatMap((glob) =>
      glob === defaultWord ? protectedByDefault : [glob],
    ),
    authors: settings.authors,
    environment,
    resources: { memoryMb: limits.memoryMb, cpus: limits.cpus, pids: limits.pids },
    diskMb: limits.diskMb,
    policy: policyFrom(settings),
  }
}

function proxyFrom({ upstreamProxy: text }: Settings, bases: Bases): string | null {
  if (text === undefined) return null
  return text === 'none' || text.includes('://') ? text : resolvePath(text, bases)
}

function publishFrom({ publish, publishBranch, branch }: Settings): Publish {
  switch (publish) {
    case 'target':
      return { to: 'branch', branch }
    case 'branch':
      return { to: 'branch', branch: publishBranch ?? branch }
    case 'none':
      return { to: 'none' }
  }
}
