import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rename, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { type CredentialId, InstanceId } from '../../core/model/ids.ts'
import { launchFiles, userSettings } from '../../claude/launch/launch-files.ts'
import type { Place } from '../../claude/launch/place.ts'
import {
  BEGINNING,
  canBeContinued,
  conversationsOf,
  isConversationFile,
} from '../../claude/launch/conversation.ts'
import { LARGEST_LOGIN, loginFile } from '../../claude/launch/login.ts'
import { sessionsDirectory } from '../../claude/observe/session.ts'
import { withCredential } from '../../claude/launch/settings.ts'
import { answerQuestions, approvalTimes, isApproved } from '../../claude/launch/state-file.ts'
import { LentCredentialFiles } from '../../hosting/lent-credential-file.ts'
import { placeFile } from '../../hosting/owned-file.ts'
import { readAllUntrusted, readUntrusted } from '../../hosting/untrusted-file.ts'
import { retryUntilStable } from '../../hosting/retry-until-stable.ts'
import type { LaunchOrder } from '../../ports/runtime.ts'

const LARGEST_STATE = 4 * 1024 * 1024

/** Where the parts of host-native instances are, all of it the server's own user's. */
export function createDirectories(stateDirectory: string) {
  const instances = join(stateDirectory, 'instances')
  const root = (instance: InstanceId) => join(instances, instance)
  const paths = (instance: InstanceId) => ({
    home: join(root(instance), 'home'),
    /** `CLAUDE_CONFIG_DIR`: settings, state and conversations of this instance alone. */
    config: join(root(instance), 'home', '.claude'),
    sessions: join(root(instance), 'home', '.claude', sessionsDirectory),
    settings: join(root(instance), 'settings'),
    workspace: join(root(instance), 'workspace'),
    records: join(root(instance), 'launches'),
  })

  const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
  const logins = new LentCredentialFiles<InstanceId, CredentialId>({
    root: instances,
    folder: 'home/.claude',
    name: loginFile,
    limit: LARGEST_LOGIN,
    owner,
  })
  const put = (instance: InstanceId, path: string, text: string) =>
    placeFile(path, text, { staging: root(instance), owner })

  const statePath = (instance: InstanceId) => join(paths(instance).config, '.claude.json')
  const readState = (instance: InstanceId) => readUntrusted(statePath(instance), LARGEST_STATE)

  const mergeState = async (
    instance: InstanceId,
    credential: Readonly<Record<string, string>>,
  ): Promise<void> => {
    const known = await readState(instance)
    await put(
      instance,
      statePath(instance),
      answerQuestions(known?.text ?? null, paths(instance).workspace, credential),
    )
  }

  return {
    pathsOf: paths,
    logins,

    async list(): Promise<readonly InstanceId[]> {
      return (await readdir(instances).catch(() => [])).map(InstanceId)
    },

    /** Makes a directory with nothing but `claude` in it, whatever the file is called that the operator named. */
    async linkCli(cli: string): Promise<void> {
      const bin = join(stateDirectory, 'bin')
      const draft = join(bin, `.${randomUUID()}`)
      await mkdir(bin, { recursive: true })
      await symlink(cli, draft)
      await rename(draft, join(bin, 'claude'))
    },

    /** Makes everything but the workspace ready for a launch; nothing of the instance may run meanwhile. */
    async prepare(order: LaunchOrder, place: Place): Promise<void> {
      const { instance } = order
      const { config, sessions, settings, workspace } = paths(instance)
      for (const directory of [sessions, settings])
        await mkdir(directory, { recursive: true, mode: 0o700 })

      const conversations = await readAllUntrusted(
        join(config, conversationsOf(workspace)),
        isConversationFile,
        BEGINNING,
      )
      const launching = {
        order,
        place,
        resume: order.resume && conversations.some(({ text }) => canBeContinued(text)),
      }
      const environment = {
        CLAUDE_CONFIG_DIR: config,
        CLAUDE_CODE_ADDITIONAL_DIRECTORIES_CLAUDE_MD: '1',
        ...sandbox,
      }
      // A repository's settings would win over the user's, which is all that is left to us here; its CLAUDE.md is wanted all the same.
      const words = ['--setting-sources', 'user', '--add-dir', workspace]
      for (const [name, text] of Object.entries(
        launchFiles(launching, { environment, arguments: words }),
      )) {
        await put(instance, join(settings, name), text)
      }
      await put(instance, join(config, 'settings.json'), userSettings(launching))
      await mergeState(instance, order.credentialEnvironment)
      if (order.login === null) await logins.take(instance)
      else await logins.place(instance, order.login)
    },

    async replaceCredential(
      instance: InstanceId,
      credential: Readonly<Record<string, string>>,
    ): Promise<void> {
      const path = join(paths(instance).config, 'settings.json')
      const known = await readUntrusted(path, LARGEST_STATE)
      const settings = known === null ? null : withCredential(known.text, credential)
      if (settings === null)
        throw new Error(
          `replacing the credential of ${instance} failed: ${path} is not the settings file that was written`,
        )
      if ((credential.ANTHROPIC_API_KEY ?? '') !== '') {
        const stands = async () => isApproved((await readState(instance))?.text ?? null, credential)
        await retryUntilStable({
          make: () => mergeState(instance, credential),
          stands,
          ...approvalTimes,
        })
      }
      await put(instance, path, settings)
    },
  }
}

/** Claude Code refuses to work unattended as root unless it is told that this is safe; who runs the server as root says so. */
const sandbox: Readonly<Record<string, string>> =
  process.getuid?.() === 0 ? { IS_SANDBOX: '1' } : {}
