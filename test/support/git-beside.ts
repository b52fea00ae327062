import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { extAddress } from '../../src/adapters/git/transfer/transfer.ts'

/** Git of the server, at the commands that a runtime gives it. */
export interface GitBeside {
  /** Fetches what was offered for saving; answers its commit. */
  save(uploadPack: readonly string[]): Promise<string>
  /** Pushes a commit into a workspace; answers whether the workspace has it. */
  bring(receivePack: readonly string[], uploadPack: readonly string[]): Promise<boolean>
}

export function gitBeside(hub: string, env: NodeJS.ProcessEnv): GitBeside {
  const git = async (...words: readonly string[]): Promise<string> => {
    const argv = ['-c', 'protocol.ext.allow=always', '-C', hub, ...words]
    return (await promisify(execFile)('git', argv, { env })).stdout.trim()
  }
  return {
    save: async (uploadPack) => {
      const refs = '+refs/worktree/salvage:refs/saved'
      await git('fetch', '--quiet', extAddress(uploadPack), refs)
      return git('rev-parse', 'refs/saved')
    },
    bring: async (receivePack, uploadPack) => {
      const ref = 'refs/worktree/backup/worker-2/walls/1'
      const commit = await git('rev-parse', 'main')
      await git('push', '--quiet', extAddress(receivePack), `${commit}:${ref}`)
      return (await git('ls-remote', extAddress(uploadPack), ref)).startsWith(commit)
    },
  }
}
