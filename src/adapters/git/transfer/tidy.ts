import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { createGit, GitFailure } from '../command/git.ts'
import { removeStaleLocks } from '../command/locks.ts'
import { type Hub, removeQuarantines } from './quarantine.ts'

/** What is in a directory; nothing when there is none. */
export async function namesIn(directory: string): Promise<readonly string[]> {
  return existsSync(directory) ? readdir(directory) : []
}

/** Removes what a killed server left in a bare repository; throws for anything else. */
export async function tidy(repository: Hub): Promise<void> {
  const git = createGit(repository.path, repository.environment)
  const kind = await git(['rev-parse', '--is-bare-repository']).catch((error: unknown) => {
    if (error instanceof GitFailure) return { text: error.stderr }
    throw error
  })
  if (kind.text !== 'true')
    throw new Error(
      `${repository.path} is no bare git repository: move it away, or choose another ` +
        'state directory',
    )
  await removeStaleLocks(repository.path)
  await removeQuarantines(repository)
}
