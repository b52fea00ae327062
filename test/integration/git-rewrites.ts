import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Commit, type InstanceId, type TaskId, taskBranch } from '../../src/core/model/ids.ts'
import type { Edits } from '../fakes/three-way.ts'
import { runTool } from './tools-run.ts'

interface Place {
  readonly hub: string
  readonly workspaceOf: (instance: InstanceId) => string
  /** A shell that stops at the first command that fails. */
  readonly shell: (
    directory: string,
    command: string,
    environment: Readonly<Record<string, string>>,
  ) => Promise<void>
  readonly git: (directory: string, ...args: readonly string[]) => Promise<string>
  readonly write: (place: string, edits: Edits) => Promise<void>
  readonly commit: (place: string, edits: Edits, message: string) => Promise<Commit>
}

const ownSide =
  'git checkout --theirs -- . || true; git add --all; ' +
  'git cherry-pick --continue || git rebase --continue'

/** What workers do to their branch besides committing, with plain git. */
export function rewritingWorkers({ hub, workspaceOf, git, shell, write, commit }: Place) {
  const onBranch = async (instance: InstanceId, task: TaskId): Promise<string> => {
    const workspace = workspaceOf(instance)
    await git(workspace, 'fetch', '--quiet', hub, '+refs/heads/main:refs/remotes/origin/main')
    await git(workspace, 'checkout', '--quiet', '--force', taskBranch(task))
    return workspace
  }
  const head = async (workspace: string): Promise<Commit> =>
    Commit(await git(workspace, 'rev-parse', 'HEAD'))

  return {
    /** With these files as it resolved them, or with its own side of every conflict. */
    mergeTarget: async (
      instance: InstanceId,
      task: TaskId,
      resolution: Edits | 'ours',
    ): Promise<Commit> => {
      const workspace = await onBranch(instance, task)
      const side = resolution === 'ours' ? ['-X', 'ours'] : []
      // In conflict it exits 1, and the files that were resolved end it.
      await git(workspace, 'merge', '--quiet', '--no-commit', ...side, 'origin/main').catch(
        () => undefined,
      )
      return commit(workspace, resolution === 'ours' ? {} : resolution, `Merge main into ${task}`)
    },
    /** `git reset --soft origin/main`, then a commit: the usual squash. */
    squash: async (instance: InstanceId, task: TaskId): Promise<Commit> => {
      const workspace = await onBranch(instance, task)
      await git(workspace, 'reset', '--quiet', '--soft', 'origin/main')
      return commit(workspace, {}, `All of ${task}`)
    },
    /** `ours` takes the worker's own side of every conflict, which git calls theirs here. */
    rebase: async (
      instance: InstanceId,
      task: TaskId,
      side: 'ours' | 'both' | null,
    ): Promise<Commit> => {
      const workspace = await onBranch(instance, task)
      const attributes = join(workspace, '.git/info/attributes')
      await writeFile(attributes, side === 'both' ? '* merge=union\n' : '')
      const options = side === 'ours' ? ['-X', 'theirs'] : []
      await git(workspace, 'rebase', '--quiet', ...options, 'origin/main')
      await rm(attributes)
      return head(workspace)
    },
    rename: async (
      instance: InstanceId,
      task: TaskId,
      path: string,
      to: string,
    ): Promise<Commit> => {
      const workspace = await onBranch(instance, task)
      await git(workspace, 'mv', path, to)
      return commit(workspace, {}, `Rename ${path}`)
    },
    /** On a branch of its own, which stays checked out. */
    commitElsewhere: async (instance: InstanceId, task: TaskId, edits: Edits): Promise<Commit> => {
      const workspace = workspaceOf(instance)
      await git(workspace, 'checkout', '--quiet', '-b', `side/${task}`)
      return commit(workspace, edits, `Work on ${task} elsewhere`)
    },
    putBack: async (instance: InstanceId, task: TaskId): Promise<Commit> => {
      const workspace = workspaceOf(instance)
      await git(workspace, 'checkout', '--quiet', taskBranch(task))
      await git(workspace, 'merge', '--quiet', '--no-edit', `side/${task}`)
      return head(workspace)
    },
    amend: async (instance: InstanceId, task: TaskId, edits: Edits): Promise<Commit> => {
      const workspace = await onBranch(instance, task)
      await write(workspace, edits)
      await git(workspace, 'add', '--all')
      await git(workspace, 'commit', '--quiet', '--amend', '--no-edit')
      return head(workspace)
    },
    /**
     * Runs the commands that a refusal names, in a shell as the worker would, and keeps the
     * worker's own version of files in conflict.
     */
    bringOwnWork: async (instance: InstanceId, task: TaskId, refusal: string): Promise<Commit> => {
      const workspace = await onBranch(instance, task)
      for (const command of refusal.match(/^git .*$/gm) ?? [])
        await shell(workspace, `${command} || { ${ownSide}; }`, { ORCHESTRATOR_HUB: hub })
      return head(workspace)
    },
    /** What a worker's tool does before a report, see `docker/tools/workspace`. */
    ready: async (instance: InstanceId, task: TaskId): Promise<void> => {
      const run = await runTool('workspace', ['ready', task], {
        ORCHESTRATOR_HUB: hub,
        ORCHESTRATOR_WORKSPACE: workspaceOf(instance),
        TARGET_BRANCH: 'main',
        INSTANCE_ID: instance,
        HOME: workspaceOf(instance),
      })
      if (run.code !== 0) throw new Error(`not ready: ${run.stdout}${run.stderr}`)
    },
  }
}
