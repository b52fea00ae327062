import type { BackupId, Commit, InstanceId, TaskId } from '../../../core/model/ids.ts'
import type { BackupOutcome } from '../../../ports/repository.ts'
import { basesOf, forgetBases, historyOf, keepBases, present } from './backup-bases.ts'
import type { BackupRepository } from './backup-repository.ts'
import { type Git, GitFailure, LimitExceeded } from '../command/git.ts'
import type { IntakeRules } from './intake.ts'
import { endedBySignal } from '../command/invocation.ts'
import { findExcess } from '../transfer/measure.ts'
import { openQuarantine, type Quarantine } from '../transfer/quarantine.ts'
import {
  backupRef,
  branchRef,
  contains,
  deleteRef,
  deliveredRef,
  findRef,
  parentsOf,
  resolveRef,
  taskRef,
  treeOf,
} from '../objects/refs.ts'
import { stderrHints } from '../command/stderr-hints.ts'
import { extAddress, transferCall } from '../transfer/transfer.ts'

/** The ref that `docker/tools/salvage` offers. */
const offered = 'refs/worktree/salvage'

interface Saving {
  readonly instance: InstanceId
  readonly task: TaskId
  readonly backup: BackupId
  readonly uploadPack: readonly string[]
}

/**
 * Keeps what a workspace offers under a ref of its own, in the repository of backups, unless it is
 * kept already: landed, taken in, or saved before. `git` is that of the hub.
 */
export async function backUp(
  git: Git,
  rules: IntakeRules,
  { instance, task, backup, uploadPack }: Saving,
): Promise<BackupOutcome> {
  const { backups, hub } = rules
  await using quarantine = await openQuarantine(backups, hub)
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
    const head = await resolveRef(git, branchRef(rules.target))
    const main = { ...rules, head }
    const excess = await findExcess({ ...quarantine, hub: backups.git }, main, commit)
    if (excess !== null) return tooMuch(instance, excess)
    const counting = await withoutKnownStashes(quarantine, rules, commit)
    const candidate = { instance, task, commits: [counting, commit] } as const
    // Its acknowledgement was lost.
    if ((await findRef(backups.git, backupRef(backup))) === commit) return { type: 'saved', commit }
    if (await isKept(quarantine.git, main, candidate)) return { type: 'unchanged' }
    const history = await historyOf(quarantine.git, commit)
    const inHub = await present(git, history.keys())
    // Before the backup: there is none whose bases the hub may lose.
    await keepBases(git, backup, basesOf(commit, history, inHub))
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

/**
 * `docker/tools/salvage` adds the files of stashes and of other branches as parents without a
 * history. Where they are all that is new, and were saved before, the commit beneath them counts.
 */
async function withoutKnownStashes(
  { git }: Quarantine,
  { backups }: IntakeRules,
  commit: Commit,
): Promise<Commit> {
  const [base, ...beside] = await parentsOf(git, commit)
  if (base === undefined || beside.length === 0) return commit
  if (!(await areSaved(backups.git, beside))) return commit
  if ((await treeOf(git, base)) !== (await treeOf(git, commit))) return commit
  for (const one of beside) if ((await parentsOf(git, one)).length > 0) return commit
  return base
}

/** Whether a backup has each of them. An object alone may be of one that was not completed. */
async function areSaved(git: Git, commits: readonly Commit[]): Promise<boolean> {
  if ((await present(git, commits)).size < commits.length) return false
  for (const commit of commits) {
    const { text } = await git(['for-each-ref', '--count=1', '--contains', commit, 'refs/backup'])
    if (text === '') return false
  }
  return true
}

interface Candidate {
  readonly instance: InstanceId
  readonly task: TaskId
  /** What counts, and with what was saved before. */
  readonly commits: readonly [Commit, Commit]
}

/** Whether it landed, was taken in, or was saved before. `git` has the hub's refs. */
async function isKept(
  git: Git,
  { head, backups }: IntakeRules & { readonly head: Commit },
  { instance, task, commits }: Candidate,
): Promise<boolean> {
  for (const tip of [head, await findRef(git, taskRef(task))]) {
    if (tip !== null && (await contains(git, tip, commits[0]))) return true
  }
  const { text } = await backups.git([
    'for-each-ref',
    '--format=%(objectname)',
    `refs/backup/${instance}/${task}/`,
  ])
  const saved = new Set(text.split('\n'))
  return commits.some((commit) => saved.has(commit))
}

/** From the hub, too: one that a server could not move from there is damaged. */
export async function forgetBackup(
  git: Git,
  backups: BackupRepository,
  backup: BackupId,
): Promise<void> {
  await deleteRef(backups.git, backupRef(backup))
  await deleteRef(git, backupRef(backup))
  await forgetBases(git, backup)
}

/**
 * Pushes a backup into a workspace, whose own side of the boundary runs `receivePack`. It gets what
 * the backup's ref reaches and nothing else of the repository. Returns the ref there; null when
 * there is no such backup, or the workspace does not take it. Rejects when it takes too long.
 */
export async function deliverBackup(
  { backups, environment, limits }: IntakeRules,
  backup: BackupId,
  receivePack: readonly string[],
): Promise<string | null> {
  const ref = deliveredRef(backup)
  const words = ['--force', '--no-verify', '--no-recurse-submodules', '--no-follow-tags']
  const what = [extAddress(receivePack), `${backupRef(backup)}:${ref}`]
  // The worker waits for its brief.
  const seconds = Math.min(limits.seconds, mostSeconds)
  const args = ['push', '--porcelain', ...words, '--end-of-options', ...what]
  return await backups.git(args, transferCall(environment, { ...limits, seconds })).then(
    () => ref,
    (error: unknown) => {
      const isLate = error instanceof GitFailure && error.exitCode === endedBySignal
      if (isLate || error instanceof LimitExceeded) throw error
      return null
    },
  )
}

const mostSeconds = 60
