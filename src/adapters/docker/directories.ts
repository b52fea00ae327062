import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { InstanceId } from '../../core/model/ids.ts'
import {
  credentialFile,
  credentialText,
  launchFiles,
  managedSettings,
} from '../../claude/launch/launch-files.ts'
import type { Place } from '../../claude/launch/place.ts'
import { createInstanceDirectories } from '../../hosting/instance-directories.ts'
import { ensureDirectory, type Owner } from '../../hosting/owned-file.ts'
import { isItself, isThere } from '../../hosting/untrusted-file.ts'
import type { LaunchOrder } from '../../ports/instances.ts'
import { inside } from './template.ts'

/** Within the settings directory: what the entrypoint reads. */
export const launchFolder = 'orchestrator'

const dropIns = 'managed-settings.d'

/** In an instance's directory, each after the one that it is in; the instance's user owns them. */
const folders = ['settings', `settings/${dropIns}`, `settings/${launchFolder}`, 'workspace', 'home']

/**
 * The host's side of what instances have mounted. The directory of an instance belongs to the
 * server; what is below belongs to the instance's user.
 */
export function createDirectories(stateDirectory: string, owner: Owner) {
  const directories = createInstanceDirectories({
    stateDirectory,
    owner,
    stateFile: 'home/.claude.json',
    workspaceSeenBy: () => inside.workspace,
  })
  const { path, place, sessions, workspace, hasWorkspace, logins } = directories

  const ensureFolders = async (instance: InstanceId): Promise<void> => {
    await mkdir(path(instance), { recursive: true, mode: 0o700 })
    for (const folder of folders) await ensureDirectory(path(instance, folder), owner)
    // An agent that has had this home may have put a link there: then its status stays unknown.
    for (const folder of [dirname(sessions(instance)), sessions(instance)]) {
      if ((await isItself(dirname(folder))) && !(await isThere(folder)))
        await ensureDirectory(folder, owner)
    }
  }

  return {
    sessions,
    hasWorkspace,
    logins,

    mounts: (instance: InstanceId) => ({
      settings: path(instance, 'settings'),
      home: path(instance, 'home'),
      workspace: workspace(instance),
    }),

    /** Makes everything ready for a launch; nothing of the instance may run meanwhile. */
    async prepare(order: LaunchOrder, where: Place): Promise<void> {
      await ensureFolders(order.instance)
      const launching = { order, place: where, resume: await directories.continues(order) }
      await directories.placeLaunch(order, {
        ...within(`settings/${dropIns}`, managedSettings(launching)),
        ...within(
          `settings/${launchFolder}`,
          launchFiles(launching, { environment: {}, arguments: [] }),
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
