import type { Repository } from '../../ports/repository.ts'
import type { Authorship } from './intake/authorship.ts'
import { openBackups, prepareBackups } from './intake/backup-repository.ts'
import { backUp, deliverBackup, forgetBackup } from './intake/backup.ts'
import { describeChanges, describeUpstream } from './compare/changes.ts'
import { createDrafts, type Identity } from './objects/commit-builder.ts'
import { discardedBy } from './compare/discarded-changes.ts'
import { hubEnvironment, intakeEnvironment } from './command/environment.ts'
import { commitFiles } from './merge/files.ts'
import { formerHistoryIn } from './history/former-history.ts'
import { createGit } from './command/git.ts'
import { prepareHub } from './hub.ts'
import { IntakeQueue } from './intake/intake-queue.ts'
import { takeIn } from './intake/intake.ts'
import { findLanded, isSameWork, land, tryMerge } from './merge/merge.ts'
import { openOrigin, type Patience } from './origin/origin.ts'
import { describeProtected } from './protect/protected-changes.ts'
import { matchProtected } from './protect/protected-paths.ts'
import { countUnpublished, publish } from './origin/publish.ts'
import { Pushes } from './origin/pushes.ts'
import { branchRef, contains, resolveRef } from './objects/refs.ts'
import { listRootFiles, readTaskLists, readText } from './objects/tree.ts'
import { mergeUpstream, settleUpstream } from './origin/upstream.ts'

export interface GitRepositoryOptions {
  /** Path of the hub. */
  readonly path: string
  /** Path of the repository of backups: where no instance sees it. */
  readonly backups: string
  /** As `parseRepositoryUrl` gave it. */
  readonly origin: string
  readonly target: string
  readonly publish: { readonly to: 'branch'; readonly branch: string } | { readonly to: 'none' }
  readonly identity: Identity
  /** Globs of the paths that a task changes only with a person's approval; none: all may change. */
  readonly protect: readonly string[]
  readonly authorship: Authorship
  /** The largest pack that is taken in from a worker. */
  readonly maxIntakeBytes: number
  /**
   * How long taking in a branch may last. It takes a tenth of a second, and never ends with an
   * instance that hangs.
   */
  readonly maxIntakeSeconds: number
  /** How long the origin may be silent; the usual times when absent. */
  readonly patience?: Patience
  /** The operator's environment, from which git takes its rights at the origin. */
  readonly environment: NodeJS.ProcessEnv
}

export function createGitRepository(options: GitRepositoryOptions): Repository {
  const { path, target } = options
  const origin = openOrigin(options.origin, options.environment, options.patience)
  const environment = hubEnvironment(options.environment)
  const git = createGit(path, environment)
  const write = createDrafts(git, options.identity)
  const { protect } = options
  const isProtected = protect.length === 0 ? null : matchProtected(protect)
  const limits = { fileBytes: options.maxIntakeBytes, seconds: options.maxIntakeSeconds }
  const hub = { path, environment }
  const backups = openBackups(options.backups, hub)
  const authorship = { ...options.authorship, server: options.identity }
  const intakeRules = {
    hub,
    backups,
    target,
    authorship,
    limits,
    environment: intakeEnvironment(options.environment),
  }
  const intakes = new IntakeQueue()
  const pushes = new Pushes()
  const head = () => resolveRef(git, branchRef(target))
  const publishTo = options.publish.to === 'none' ? null : options.publish.branch
  let preparation: Promise<void> | null = null

  return {
    path,
    ensureReady: async () => {
      preparation ??= prepareHub({ path, target, publishTo, origin, environment }).then(() =>
        prepareBackups(backups),
      )
      await preparation.catch((error: unknown) => {
        preparation = null
        throw error
      })
      return { head: await head() }
    },
    head,
    read: (file) => readText(git, branchRef(target), file),
    rootFiles: () => listRootFiles(git, branchRef(target)),
    taskLists: () => readTaskLists(git, branchRef(target)),
    takeIn: async (instance, task, uploadPack, judge) =>
      intakes.isFull(instance)
        ? { type: 'refused', reason: 'your last reports are being taken in: wait for their answer' }
        : intakes.run(instance, () =>
            takeIn(git, intakeRules, { instance, task, uploadPack }, judge),
          ),
    discardedBy: (work) => discardedBy(git, target, work),
    backUp: (instance, task, backup, uploadPack) =>
      intakes.run(instance, () => backUp(git, intakeRules, { instance, task, backup, uploadPack })),
    forgetBackup: (backup) => forgetBackup(git, backups, backup),
    deliverBackup: async (instance, backup, receivePack) =>
      intakes.isFull(instance)
        ? null
        : intakes.run(instance, () => deliverBackup(intakeRules, backup, receivePack)),
    tryMerge: (order) => tryMerge(git, target, write, order, isProtected),
    describeProtected: (work, limit) =>
      describeProtected(git, isProtected ?? matchProtected([]), work, limit),
    land: (commit, base) => land(git, target, commit, base),
    isSameWork: (one, other) => isSameWork(git, one, other),
    findLanded: (task, commit) => findLanded(git, target, task, commit),
    commitFiles: (files, message) => commitFiles(git, target, write, files, message),
    mergeUpstream: (answer, apply = (job) => job()) =>
      mergeUpstream(git, { hub, target, write, origin, pushes }, answer, apply),
    formerHistoryIn: (commit) => formerHistoryIn(git, target, commit),
    settleUpstream: () => settleUpstream(git, target),
    includes: (newer, older) => contains(git, newer, older),
    describeUpstream: (paths, limit) => describeUpstream(git, target, paths, limit),
    publish: async () => {
      if (options.publish.to === 'none') return { type: 'published', commit: await head() }
      const { branch } = options.publish
      return pushes.run(() => publish(git, target, origin, branch))
    },
    countUnpublished: () =>
      options.publish.to === 'none'
        ? Promise.resolve(0)
        : countUnpublished(git, target, options.publish.branch),
    describeChanges: (commit, paths, limit) => describeChanges(git, target, commit, paths, limit),
  }
}
