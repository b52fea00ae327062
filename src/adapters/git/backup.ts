import type { BackupId, Commit, InstanceId, TaskId } from '../../core/model/ids.ts'
import type { BackupOutcome } from '../../ports/repository.ts'
import { type Git, GitFailure, LimitExceeded } from './git.ts'
import type { IntakeRules } from './intake.ts'
import { findExcess } from './measure.ts'
import { openQuarantine } from './quarantine.ts'
import { backupRef, branchRef, contains, deleteRef, findRef, taskRef } from './refs.ts'
import { stderrHints } from './stderr-hints.ts'
import { extAddress, transferCall } from './transfer.ts'

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
  await using quarantine = await openQuarantine(rules.hub)
  const tip = 'refs/incoming/tip'
  try {
    const call = transferCall(rules.environment, rules.limits)
    await quarantine.fetch(extAddress(uploadPack), { [offered]: tip }, call)
  } catch (error) {
    if (error instanceof LimitExceeded) return tooMuch(instance, `git ${error.excess}`)
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
  const commit = await quarantine.resolve(tip)
  try {
    const excess = await findExcess({ ...quarantine, hub: git }, rules.target, commit)
    if (excess !== null) return tooMuch(instance, excess)
    if (await isKept(quarantine.git, rules, { instance, task, commit }))
      return { type: 'unchanged' }
  } catch (error) {
    if (error instanceof LimitExceeded) return tooMuch(instance, `git ${error.excess}`)
    throw error
  }
  await quarantine.accept({ [backupRef(backup)]: commit })
  return { type: 'saved', commit }
}

const tooMuch = (instance: InstanceId, excess: string): BackupOutcome => ({
  type: 'refused',
  reason: `the workspace of ${instance} holds more than the hub takes: ${excess}`,
})

/** Whether it landed, was taken in, or was saved before. */
async function isKept(
  git: Git,
  { target }: IntakeRules,
  { instance, task, commit }: { instance: InstanceId; task: TaskId; commit: Commit },
): Promise<boolean> {
  for (const name of [branchRef(target), taskRef(task)]) {
    const tip = await findRef(git, name)
    if (tip !== null && (await contains(git, tip, commit))) return true
  }
  const { text } = await git([
    'for-each-ref',
    `--points-at=${commit}`,
    '--format=%(refname)',
    `refs/backup/${instance}/${task}/`,
  ])
  return text !== ''
}

export const forgetBackup = (git: Git, backup: BackupId): Promise<void> =>
  deleteRef(git, backupRef(backup))
