import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import type { InstanceId } from '../../core/model/ids.ts'
import { createDirectories, type Directories } from './directories.ts'

type Variables = Readonly<Record<string, string>>

/** What every process of a run has in common. Paths are real paths. */
export interface ProcessHost {
  readonly stateDirectory: string
  readonly hub: string
  /** Path of Claude Code's executable. */
  readonly cli: string
  /** The directory, first in `PATH`, in which Claude Code is called `claude`. */
  readonly bin: string
  /** The environment of commands that the server itself runs. */
  readonly environment: Variables & { readonly PATH: string }
  readonly directories: Directories
}

export function openHost(options: {
  readonly stateDirectory: string
  readonly hub: string
  readonly cli: string
}): ProcessHost {
  const stateDirectory = realpathSync(options.stateDirectory)
  const bin = join(stateDirectory, 'bin')
  const PATH = `${bin}:${process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin'}`
  return {
    stateDirectory,
    hub: realpathSync(options.hub),
    cli: options.cli,
    bin,
    environment: { PATH, HOME: stateDirectory },
    directories: createDirectories(stateDirectory),
  }
}

/** The variable that every process of an instance has in its environment. */
export const settingsVariable = 'ORCHESTRATOR_SETTINGS'

export function environmentOf(host: ProcessHost, instance: InstanceId): Variables {
  const { home, settings } = host.directories.pathsOf(instance)
  return { HOME: home, PATH: host.environment.PATH, [settingsVariable]: settings }
}
