import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { sessionsDirectory } from '../../claude/observe/session.ts'
import { InstanceId } from '../../core/model/ids.ts'
import { launchFiles, userSettings } from '../../claude/launch/launch-files.ts'
import { noSettingsOf } from '../../claude/launch/setting-sources.ts'
import type { Place } from '../../claude/launch/place.ts'
import { withCredential } from '../../claude/launch/settings.ts'
import { createInstanceDirectories } from '../../hosting/instance-directories.ts'
import type { LaunchOrder } from '../../ports/instances.ts'

/** Within an instance's directory. */
const settingsFile = 'home/.claude/settings.json'

/** Where the parts of host-native instances are; all of it belongs to the server's own user. */
export function createDirectories(stateDirectory: string) {
  const directories = createInstanceDirectories({
    stateDirectory,
    owner: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
    stateFile: 'home/.claude/.claude.json',
    workspaceSeenBy: (instance) => workspace(instance),
  })
  const { root, path, place, read, workspace, sessions, hasWorkspace, logins } = directories

  const paths = (instance: InstanceId) => ({
    home: path(instance, 'home'),
    /** `CLAUDE_CONFIG_DIR`: settings, state and conversations of this instance alone. */
    config: path(instance, 'home', '.claude'),
    settings: path(instance, 'settings'),
    workspace: workspace(instance),
    records: path(instance, 'launches'),
  })

  return {
    pathsOf: paths,
    sessions,
    hasWorkspace,
    logins,

    async list(): Promise<readonly InstanceId[]> {
      return (await readdir(root).catch(() => [])).map(InstanceId)
    },

    /** Makes everything but the workspace ready for a launch; nothing of the instance may run. */
    async prepare(order: LaunchOrder, where: Place): Promise<void> {
      const { config, settings } = paths(order.instance)
      for (const directory of [join(config, sessionsDirectory), settings])
        await mkdir(directory, { recursive: true, mode: 0o700 })
      const launching = { order, place: where, resume: await directories.continues(order) }
      // A host has no place for managed settings of one instance: ours are those of the user.
      const sources = noSettingsOf(where.workspace, ['user'])
      const environment = {
        ...sources.environment,
        CLAUDE_CONFIG_DIR: config,
        ...sandbox,
      }
      const more = { environment, arguments: sources.arguments }
      const files = Object.entries(launchFiles(launching, more))
      await directories.placeLaunch(order, {
        ...Object.fromEntries(files.map(([name, text]) => [`settings/${name}`, text])),
        [settingsFile]: userSettings(launching),
      })
    },

    async replaceCredential(
      instance: InstanceId,
      credential: Readonly<Record<string, string>>,
    ): Promise<void> {
      const known = await read(instance, settingsFile)
      const settings = known === null ? null : withCredential(known, credential)
      if (settings === null)
        throw new Error(
          `replacing the credential of ${instance} failed: ${path(instance, settingsFile)} ` +
            'is not the settings file that was written',
        )
      await directories.approve(instance, credential)
      await place(instance, settingsFile, settings)
    },
  }
}

export type Directories = ReturnType<typeof createDirectories>

/**
 * Claude Code refuses to work unattended as root unless this variable says that it is safe; an
 * operator who runs the server as root accepts that.
 */
const sandbox: Readonly<Record<string, string>> =
  process.getuid?.() === 0 ? { IS_SANDBOX: '1' } : {}
