import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import {
  createGitRepository,
  type GitRepositoryOptions,
} from '../../src/adapters/git/repository.ts'
import { protectedByDefault } from '../../src/core/model/protected.ts'
import { Commit, type InstanceId, type TaskId, taskBranch } from '../../src/core/model/ids.ts'
import type { Edits } from '../fakes/three-way.ts'
import { rewritingWorkers } from './git-rewrites.ts'

const execute = promisify(execFile)
const salvageTool = fileURLToPath(new URL('../../docker/tools/salvage', import.meta.url))

/** The operator's own surroundings, with nothing of this machine's git configuration. */
export const operator: NodeJS.ProcessEnv = {
  PATH: process.env['PATH'],
  HOME: tmpdir(),
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
}

/** Git as workers and humans run it, in directories of their own. */
export async function git(directory: string, ...args: readonly string[]): Promise<string> {
  const identity = [
    '-c',
    'user.name=Someone',
    '-c',
    'user.email=someone@example.com',
    '-c',
    'protocol.file.allow=always',
  ]
  const { stdout } = await execute('git', ['-C', directory, ...identity, ...args], {
    env: operator,
    maxBuffer: 64 * 1024 ** 2,
  })
  return stdout.trim()
}

/** A command as a worker types it. */
async function shell(
  directory: string,
  command: string,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  const [name, email] = ['Someone', 'someone@example.com']
  const author = { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email }
  const committer = { GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email }
  const env = { ...operator, ...author, ...committer, GIT_EDITOR: 'true', ...environment }
  await execute('sh', ['-ec', command], { cwd: directory, env })
}

const person = { name: 'Someone', email: 'someone@example.com' }
/** Who makes the commits of every worker here. */
export const someone = { author: person, committer: person }

export const direction = { 'PROJECT_DIRECTION.md': 'Build a tower.\n' }

/**
 * An origin, a place for the hub, and workspaces that borrow from the hub as those of instances do.
 */
export async function openStage(files: Readonly<Record<string, string>> = direction) {
  const directory = await mkdtemp(join(tmpdir(), 'git-stage-'))
  const origin = join(directory, 'origin.git')
  const human = join(directory, 'human')
  const hub = join(directory, 'state/hub.git')
  const backups = join(directory, 'state/backups.git')
  const workspaceOf = (instance: InstanceId) => join(directory, instance)

  await git(directory, 'init', '--quiet', '--bare', '--initial-branch=main', origin)
  await git(directory, 'clone', '--quiet', origin, human)
  await git(human, 'checkout', '--quiet', '-B', 'main')

  const commit = async (place: string, edits: Edits, message: string): Promise<Commit> => {
    await write(place, edits)
    await git(place, 'add', '--all')
    await git(place, 'commit', '--quiet', '--allow-empty', '--message', message)
    return Commit(await git(place, 'rev-parse', 'HEAD'))
  }
  const push = async (edits: Edits): Promise<Commit> => {
    if ((await git(human, 'ls-remote', '--heads', origin, 'main')) !== '')
      await git(human, 'pull', '--quiet', '--ff-only', 'origin', 'main')
    const pushed = await commit(human, edits, 'A human was here')
    await git(human, 'push', '--quiet', 'origin', 'main')
    return pushed
  }
  if (Object.keys(files).length > 0) await push(files)

  return {
    directory,
    origin,
    human,
    hub,
    backups,
    workspaceOf,
    commit,
    push,
    repository: (options: Partial<GitRepositoryOptions> = {}) =>
      createGitRepository({
        path: hub,
        backups,
        origin,
        target: 'main',
        publish: { to: 'branch', branch: 'main' },
        identity: { name: 'Orchestrator', email: 'orchestrator@example.com' },
        protect: protectedByDefault,
        authorship: { identityOf: () => someone, authors: [] },
        maxIntakeBytes: 64 * 1024 ** 2,
        maxIntakeSeconds: 60,
        environment: operator,
        ...options,
      }),
    uploadPack: (instance: InstanceId) => ['git', 'upload-pack', workspaceOf(instance)],
    receivePack: (instance: InstanceId) => ['git', 'receive-pack', workspaceOf(instance)],
    /** A ref of the workspace. */
    delivered: async (instance: InstanceId, ref: string): Promise<Commit> =>
      Commit(await git(workspaceOf(instance), 'rev-parse', '--verify', ref)),
    /** The workspace, made if need be. */
    workspace: async (instance: InstanceId): Promise<string> => {
      const workspace = workspaceOf(instance)
      if (!existsSync(workspace))
        await git(directory, 'clone', '--quiet', '--shared', hub, workspace)
      return workspace
    },
    commitOn: async (instance: InstanceId, task: TaskId, edits: Edits): Promise<Commit> => {
      const workspace = workspaceOf(instance)
      if (!existsSync(workspace))
        await git(directory, 'clone', '--quiet', '--shared', hub, workspace)
      await git(
        workspace,
        'fetch',
        '--quiet',
        hub,
        '+refs/heads/main:refs/remotes/origin/main',
        '+refs/tasks/*:refs/tasks/*',
      )
      if ((await git(workspace, 'branch', '--list', taskBranch(task))) === '') {
        const before = await git(
          workspace,
          'for-each-ref',
          '--format=%(refname)',
          `refs/tasks/${task}`,
        )
        await git(
          workspace,
          'branch',
          '--no-track',
          taskBranch(task),
          before === '' ? 'origin/main' : before,
        )
      }
      await git(workspace, 'checkout', '--quiet', '--force', taskBranch(task))
      return commit(workspace, edits, `Work on ${task}`)
    },
    ...rewritingWorkers({ hub, workspaceOf, git, shell, write, commit }),
    rewriteOrigin: async (commit: Commit): Promise<void> => {
      await git(origin, 'update-ref', 'refs/heads/main', commit)
    },
    deleteUpstream: async (): Promise<void> => {
      await git(origin, 'update-ref', '-d', 'refs/heads/main')
    },
    restoreUpstream: async (): Promise<void> => {
      await git(human, 'push', '--quiet', 'origin', 'main')
    },
    /** As a brief describes it; files in conflict get the lines of both sides. */
    mergeOrigin: async (instance: InstanceId, task: TaskId): Promise<Commit> => {
      const workspace = workspaceOf(instance)
      await git(workspace, 'fetch', '--quiet', hub, '+refs/heads/main:refs/remotes/origin/main')
      await git(workspace, 'checkout', '--quiet', '-B', taskBranch(task), 'origin/main')
      const attributes = join(workspace, '.git/info/attributes')
      await writeFile(attributes, '* merge=union\n')
      await git(workspace, 'fetch', '--quiet', hub, 'refs/upstream/main')
      await git(workspace, 'merge', '--quiet', '--no-edit', 'FETCH_HEAD')
      await rm(attributes)
      return Commit(await git(workspace, 'rev-parse', 'HEAD'))
    },
    /** Uncommitted changes, on the task's branch. */
    leave: async (instance: InstanceId, edits: Edits): Promise<void> =>
      write(workspaceOf(instance), edits),
    salvage: (instance: InstanceId, task: TaskId) => [salvageTool, workspaceOf(instance), task],
    readOrigin: (branch: string, path: string): Promise<string | null> =>
      execute('git', ['-C', origin, 'show', `${branch}:${path}`], { env: operator }).then(
        ({ stdout }) => stdout,
        () => null,
      ),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  }
}

export type Stage = Awaited<ReturnType<typeof openStage>>

async function write(place: string, edits: Edits): Promise<void> {
  for (const [path, text] of Object.entries(edits)) {
    await mkdir(dirname(join(place, path)), { recursive: true })
    if (text === null) await rm(join(place, path), { recursive: true, force: true })
    else await writeFile(join(place, path), text)
  }
}
