import { basename, dirname, join } from 'node:path'
import {
  BEGINNING,
  canBeContinued,
  conversationsOf,
  isConversationFile,
} from '../claude/launch/conversation.ts'
import { LARGEST_LOGIN, loginFile } from '../claude/launch/login.ts'
import { answerQuestions, approvalTimes, isApproved } from '../claude/launch/state-file.ts'
import { sessionsDirectory } from '../claude/observe/session.ts'
import type { CredentialId, InstanceId } from '../core/model/ids.ts'
import type { LaunchOrder } from '../ports/instances.ts'
import { LentCredentialFiles } from './lent-credential-file.ts'
import { type Owner, placeFile } from './owned-file.ts'
import { retryUntilStable } from './retry-until-stable.ts'
import {
  isThere,
  readAllUntrusted,
  readUntrusted,
  type UntrustedDirectory,
} from './untrusted-file.ts'

interface Layout {
  readonly stateDirectory: string
  /** The user that instances run as. */
  readonly owner: Owner
  /** Claude Code's own state, within the instance's directory. */
  readonly stateFile: string
  /** The workspace's path as the instance sees it. */
  readonly workspaceSeenBy: (instance: InstanceId) => string
}

type Variables = Readonly<Record<string, string>>

/** Claude Code's configuration directory, within the instance's directory. */
const configuration = 'home/.claude'

/** Bytes; for Claude Code's state and settings. */
const LARGEST_STATE = 4 * 1024 * 1024

/** The directories of instances on the server's disk: `instances/<id>/` of the state directory. */
export function createInstanceDirectories(layout: Layout) {
  const { owner, stateFile, workspaceSeenBy } = layout
  const root = join(layout.stateDirectory, 'instances')
  const path = (instance: InstanceId, ...names: string[]) => join(root, instance, ...names)
  const logins = new LentCredentialFiles<InstanceId, CredentialId>({
    root,
    folder: configuration,
    name: loginFile,
    limit: LARGEST_LOGIN,
    owner,
  })

  /** A directory of the instance, in which it may do anything. */
  const untrusted = (instance: InstanceId, below: string): UntrustedDirectory => ({
    root: path(instance),
    below,
    uid: owner.uid,
  })

  const place = (instance: InstanceId, name: string, text: string): Promise<void> =>
    placeFile(path(instance, name), text, { staging: path(instance), owner })

  const read = async (instance: InstanceId, name: string): Promise<string | null> =>
    (await readUntrusted(untrusted(instance, dirname(name)), basename(name), LARGEST_STATE))
      ?.text ?? null

  const mergeState = async (instance: InstanceId, credential: Variables): Promise<void> => {
    const known = await read(instance, stateFile)
    await place(instance, stateFile, answerQuestions(known, workspaceSeenBy(instance), credential))
  }

  return {
    root,
    logins,
    path,
    /** Writes a private file of the instance, named within its directory. */
    place,
    read,

    workspace: (instance: InstanceId) => path(instance, 'workspace'),
    /** Where Claude Code keeps what it says of its running sessions. */
    sessions: (instance: InstanceId) => untrusted(instance, join(configuration, sessionsDirectory)),
    hasWorkspace: (instance: InstanceId) => isThere(path(instance, 'workspace', '.git')),

    /** Whether the launch continues a conversation: it wants to, and there is one. */
    async continues({ instance, resume }: LaunchOrder): Promise<boolean> {
      const conversations = await readAllUntrusted(
        untrusted(instance, join(configuration, conversationsOf(workspaceSeenBy(instance)))),
        isConversationFile,
        BEGINNING,
      )
      return resume && conversations.some(({ text }) => canBeContinued(text))
    },

    /** Writes the launch's files, named within its directory, and makes its credential ready. */
    async placeLaunch(order: LaunchOrder, files: Variables): Promise<void> {
      const { instance, credentialEnvironment, login } = order
      for (const [name, text] of Object.entries(files)) await place(instance, name, text)
      await mergeState(instance, credentialEnvironment)
      if (login === null) await logins.take(instance)
      else await logins.place(instance, login)
    },

    /**
     * Approves the credential's API key, if it has one, in Claude Code's state. To be done before
     * the key is put into its settings: Claude Code asks about a key that it does not know.
     */
    async approve(instance: InstanceId, credential: Variables): Promise<void> {
      if ((credential.ANTHROPIC_API_KEY ?? '') === '') return
      await retryUntilStable({
        make: () => mergeState(instance, credential),
        stands: async () => isApproved(await read(instance, stateFile), credential),
        ...approvalTimes,
      })
    },
  }
}
