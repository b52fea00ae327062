import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { CredentialId, InstanceId } from '../../core/model/ids.ts'
import {
  credentialFile,
  credentialText,
  launchFiles,
  managedSettings,
} from '../../claude/launch/launch-files.ts'
import type { Place } from '../../claude/launch/place.ts'
import {
  BEGINNING,
  canBeContinued,
  conversationsOf,
  isConversationFile,
} from '../../claude/launch/conversation.ts'
import { LARGEST_LOGIN, loginFile } from '../../claude/launch/login.ts'
import { sessionsDirectory } from '../../claude/observe/session.ts'
import { answerQuestions, approvalTimes, isApproved } from '../../claude/launch/state-file.ts'
import { LentCredentialFiles } from '../../hosting/lent-credential-file.ts'
import { ensureDirectory, placeFile, type Owner } from '../../hosting/owned-file.ts'
import { isItself, isThere, readAllUntrusted, readUntrusted } from '../../hosting/untrusted-file.ts'
import { retryUntilStable } from '../../hosting/retry-until-stable.ts'
import type { LaunchOrder } from '../../ports/runtime.ts'
import { inside } from './template.ts'

/** Within the settings directory: what the entrypoint reads. */
export const launchFolder = 'orchestrator'

const dropIns = 'managed-settings.d'
const LARGEST_STATE = 4 * 1024 * 1024

/** The host's side of what instances have mounted. The root belongs to the server; what is below belongs to the instance's user. */
export function createDirectories(stateDirectory: string, owner: Owner) {
  const instances = join(stateDirectory, 'instances')
  const root = (instance: InstanceId) => join(instances, instance)
  const logins = new LentCredentialFiles<InstanceId, CredentialId>({
    root: instances,
    folder: 'home/.claude',
    name: loginFile,
    limit: LARGEST_LOGIN,
    owner,
  })
  const sessions = (instance: InstanceId) =>
    join(root(instance), 'home', '.claude', sessionsDirectory)
  const put = (instance: InstanceId, path: string, text: string) =>
    placeFile(join(root(instance), path), text, { staging: root(instance), owner })

  const readState = (instance: InstanceId) =>
    readUntrusted(join(root(instance), 'home', '.claude.json'), LARGEST_STATE)

  const mergeState = async (
    instance: InstanceId,
    credential: Readonly<Record<string, string>>,
  ): Promise<void> => {
    const known = await readState(instance)
    await put(
      instance,
      'home/.claude.json',
      answerQuestions(known?.text ?? null, inside.workspace, credential),
    )
  }

  return {
    sessions,
    logins,

    mounts: (instance: InstanceId) => ({
      settings: join(root(instance), 'settings'),
      home: join(root(instance), 'home'),
      workspace: join(root(instance), 'workspace'),
    }),

    /** Makes everything ready for a launch; nothing of the instance may run meanwhile. */
    async prepare(order: LaunchOrder, place: Place): Promise<void> {
      const { instance } = order
      const within = (...names: string[]) => join(root(instance), ...names)
      await mkdir(root(instance), { recursive: true, mode: 0o700 })
      for (const folder of [
        'settings',
        `settings/${dropIns}`,
        `settings/${launchFolder}`,
        'workspace',
        'home',
      ]) {
        await ensureDirectory(within(folder), owner)
      }
      // An agent that has had this home may have put a link there: then its status stays unknown.
      for (const folder of [within('home', '.claude'), sessions(instance)]) {
        if ((await isItself(dirname(folder))) && !(await isThere(folder)))
          await ensureDirectory(folder, owner)
      }

      const conversations = await readAllUntrusted(
        within('home', '.claude', conversationsOf(inside.workspace)),
        isConversationFile,
        BEGINNING,
      )
      const resume = order.resume && conversations.some(({ text }) => canBeContinued(text))
      const launching = { order, place, resume }
      const files = {
        ...prefixed(`settings/${dropIns}/`, managedSettings(launching)),
        ...prefixed(
          `settings/${launchFolder}/`,
          launchFiles(launching, { environment: {}, arguments: [] }),
        ),
      }
      for (const [path, text] of Object.entries(files)) await put(instance, path, text)
      await mergeState(instance, order.credentialEnvironment)
      if (order.login === null) await logins.take(instance)
      else await logins.place(instance, order.login)
    },

    /** The answers come first: Claude Code asks about a key that it does not know. */
    async replaceCredential(
      instance: InstanceId,
      credential: Readonly<Record<string, string>>,
    ): Promise<void> {
      if ((credential.ANTHROPIC_API_KEY ?? '') !== '') {
        const stands = async () => isApproved((await readState(instance))?.text ?? null, credential)
        await retryUntilStable({
          make: () => mergeState(instance, credential),
          stands,
          ...approvalTimes,
        })
      }
      await put(instance, `settings/${dropIns}/${credentialFile}`, credentialText(credential))
    },
  }
}

function prefixed(
  prefix: string,
  files: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [prefix + name, text]))
}
