import { join } from 'node:path'
import { isThere } from '../../hosting/untrusted-file.ts'
import { runCommand } from './command.ts'

interface Worktrees {
  readonly hub: string
  readonly targetBranch: string
  readonly environment: Readonly<Record<string, string>>
}

/**
 * Linked worktrees of the hub. Concurrent `git worktree add` calls can fail each other, so there is
 * one at a time.
 */
export function createWorktrees({ hub, targetBranch, environment }: Worktrees) {
  let last: Promise<unknown> = Promise.resolve()

  const add = async (path: string): Promise<void> => {
    if (await isThere(join(path, '.git'))) return
    const argv = [
      'git',
      '-c',
      'core.hooksPath=/dev/null',
      '-C',
      hub,
      'worktree',
      'add',
      '--quiet',
      '--force',
      '--detach',
      // The launch checks the files out by itself: its tools report the progress of a large one.
      '--no-checkout',
      '--',
      path,
      targetBranch,
    ]
    const { exitCode, stderr } = await runCommand({
      argv,
      directory: hub,
      environment,
      timeoutMs: ADD_TIMEOUT_MS,
    })
    if (exitCode !== 0)
      throw new Error(`making the worktree ${path} of ${hub} failed: ${stderr.trim()}`)
  }

  return {
    /** Creates the worktree on the target branch, still without files, if it is missing. */
    ensure(path: string): Promise<void> {
      const turn = last.then(() => add(path))
      last = turn.catch(() => undefined)
      return turn
    },
  }
}

const ADD_TIMEOUT_MS = 5 * 60_000
