import type { BackupId, InstanceId, TaskId } from '../../core/model/ids.ts'
import type { BackupOutcome } from '../../ports/repository.ts'
import { fetchRef } from './fetch.ts'
import { type Git, GitFailure } from './git.ts'
import { limited, extAddress, type IntakeRules } from './intake.ts'
import { backupRef, branchRef, contains, deleteRef, findRef, resolveRef, taskRef } from './refs.ts'
import { stderrHints } from './stderr-hints.ts'

/** The ref that `docker/tools/salvage` offers. */
const offered = 'refs/worktree/salvage'

interface Saving {
  readonly instance: InstanceId
  readonly task: TaskId
  readonly backup: BackupId
  readonly uploadPack: readonly string[]
}

/**
 * Keeps what a workspace offers under a ref of its own, unless the hub already has it: landed,
 * taken in, or saved before.
 */
export async function backUp(
  git: Git,
  rules: IntakeRules,
  { instance, task, backup, uploadPack }: Saving,
): Promise<BackupOutcome> {
  const ref = backupRef(backup)
  try {
    await fetchRef(git, extAddress(uploadPack), offered, ref, limited(rules))
  } catch (error) {
    const stderr = error instanceof GitFailure ? error.stderr : String(error)
    if (/couldn't find remote ref/.test(stderr)) return { type: 'unchanged' }
    const { line, remedy } = stderrHints(stderr, [
      [
        /file too large/i,
        `the workspace of ${instance} holds more than the hub takes: remove or ignore large files`,
      ],
      [
        /error: object [0-9a-f]+: |bad (?:object|pack)|index-pack/i,
        `git refuses what is in the workspace of ${instance}`,
      ],
    ])
    if (remedy === null)
      throw new Error(`saving the work of ${instance} failed: ${line}`, { cause: error })
    return { type: 'refused', reason: `${remedy} (${line})` }
  }
  const commit = await resolveRef(git, ref)
  const known = [branchRef(rules.target), taskRef(task)]
  for (const name of known) {
    const tip = await findRef(git, name)
    if (tip !== null && (await contains(git, tip, commit))) return forgetAgain()
  }
  const { text } = await git([
    'for-each-ref',
    `--points-at=${commit}`,
    '--format=%(refname)',
    `refs/backup/${instance}/${task}/`,
  ])
  return text.split('\n').some((name) => name !== '' && name !== ref)
    ? forgetAgain()
    : { type: 'saved', commit }

  async function forgetAgain(): Promise<BackupOutcome> {
    await deleteRef(git, ref)
    return { type: 'unchanged' }
  }
}

export const forgetBackup = (git: Git, backup: BackupId): Promise<void> =>
  deleteRef(git, backupRef(backup))
