import type { Policy } from '../core/model/policy.ts'
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
  readonly stateDirectory: string
  readonly host: string
  /** 0 selects a free port. */
  readonly port: number
  readonly logLevel: Settings['logLevel']
  readonly runtime: Settings['runtime']
  readonly image: string
  readonly model: string
  readonly checks: { readonly commands: readonly string[]; readonly timeoutMs: number }
  readonly publish: Publish
  readonly environment: Readonly<Record<string, string>>
  /** Resource limits of one instance. */
  readonly resources: { readonly memoryMb: number; readonly cpus: number; readonly pids: number }
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
  const { branch, host, port, logLevel, runtime, image, model, environment, checks, limits } =
    settings
  return {
    file,
    repositoryUrl,
    branch,
    credentialFiles,
    credentialGlob,
    stateDirectory: resolvePath(settings.stateDirectory, bases),
    host,
    port,
    logLevel,
    runtime,
    image,
    model,
    checks: { commands: checks.commands, timeoutMs: checks.timeoutMinutes * 60_000 },
    publish: publishFrom(settings),
    environment,
    resources: { memoryMb: limits.memoryMb, cpus: limits.cpus, pids: limits.pids },
    policy: policyFrom(settings),
  }
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
