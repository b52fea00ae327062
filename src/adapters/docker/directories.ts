import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { InstanceId } from '../../core/model/ids.ts'
import {
  credentialFile,
  credentialText,
  launchFiles,
  managedSettings,
} from '../../claude/launch/launch-files.ts'
import { conversations } from '../../claude/launch/conversation.ts'
import { loginFile } from '../../claude/launch/login.ts'
import { noSettingsOf } from '../../claude/launch/setting-sources.ts'
import type { Place } from '../../claude/launch/place.ts'
import { createInstanceDirectories } from '../../hosting/instance-directories.ts'
import { freshHome, type Kept } from '../../hosting/fresh-home.ts'
import { ensureBelow, ensureDirectory, type Owner } from '../../hosting/owned-file.ts'
import type { LaunchOrder } from '../../ports/instances.ts'
import type { OnProblem } from './socket-probe.ts'
import { inside } from './template.ts'

/** Within the home: where hooks wait for the server. */
export const outboxFolder = '.orchestrator/outbox'

/** Within the settings directory: what the entrypoint reads. */
export const launchFolder = 'orchestrator'

const dropIns = 'managed-settings.d'

/** In an instance's directory, each after the one that it is in; the instance's user owns them. */
const folders = ['settings', `settings/${dropIns}`, `settings/${launchFolder}`, 'workspace', 'home']

/**
 * Of the home of the launch before: its conversations, a login that it may have renewed, and hooks
 * that were not delivered.
 */
const kept: readonly Kept[] = [
  { folder: '.claude', kind: 'directory', isKept: (name) => name === conversations },
  { folder: '.claude', kind: 'file', isKept: (name) => name === loginFile },
  {
    folder: outboxFolder,
    kind: 'file',
    isKept: (name) => /^\d+\.\d+\.\d+\.\w+\.json$/.test(name),
  },
]

/**
 * The host's side of what instances have mounted. The directory of an instance belongs to the
 * server; what is below belongs to the instance's user.
 */
export function createDirectories(stateDirectory: string, owner: Owner, onProblem: OnProblem) {
  const directories = createInstanceDirectories({
    stateDirectory,
    owner,
    stateFile: 'home/.claude.json',
    workspaceSeenBy: () => inside.workspace,
  })
  const checks = join(stateDirectory, 'checks')
  const { path, place, sessions, workspace, hasWorkspace, logins } = directories

  const ensureFolders = async (instance: InstanceId): Promise<void> => {
    await mkdir(path(instance), { recursive: true, mode: 0o700 })
    for (const folder of folders) await ensureDirectory(path(instance, folder), owner)
    await ensureBelow(sessions(instance), owner)
  }

  return {
    ensureFolders,
    sessions,
    hasWorkspace,
    logins,

    /** Of the server's sockets, one directory for each launch and for each run of the checks. */
    socketPaths: {
      ofLaunch: (instance: InstanceId, ...names: readonly string[]) =>
        path(instance, 'sockets', ...names),
      ofCheck: (name: string) => join(checks, name),
    },

    /** What a killed server left; no check may run. */
    removeSocketsOfChecks: () => rm(checks, { recursive: true, force: true }),

    mounts: (instance: InstanceId) => ({
      settings: path(instance, 'settings'),
      home: path(instance, 'home'),
      workspace: workspace(instance),
    }),

    /** Makes everything ready for a launch; nothing of the instance may run meanwhile. */
    async prepare(order: LaunchOrder, where: Place): Promise<void> {
      await freshHome(path(order.instance), owner, kept, onProblem)
      await ensureFolders(order.instance)
      const launching = { order, place: where, resume: await directories.continues(order) }
      await directories.placeLaunch(order, {
        ...within(`settings/${dropIns}`, managedSettings(launching)),
        ...within(
          `settings/${launchFolder}`,
          launchFiles(launching, noSettingsOf(where.workspace, [])),
        ),
      })
    },

    async replaceCredential(
      instance: InstanceId,
      credential: Readonly<Record<string, string>>,
    ): Promise<void> {
      await directories.approve(instance, credential)
      await place(instance, `settings/${dropIns}/${credentialFile}`, credentialText(credential))
    },
  }
}

export type Directories = ReturnType<typeof createDirectories>

const within = (
  folder: string,
  files: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [join(folder, name), text]))
