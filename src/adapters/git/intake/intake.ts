import { Commit, type InstanceId, type TaskId, taskBranch } from '../../../core/model/ids.ts'
import { bringOwnWork } from '../../../core/text/former-history.ts'
import type { IncomingWork, IntakeOutcome, JudgeWork } from '../../../ports/repository.ts'
import { type Authorship, objectionToAuthors } from './authorship.ts'
import type { BackupRepository } from './backup-repository.ts'
import type { Identity } from '../objects/commit-builder.ts'
import { discardedBy } from '../compare/discarded-changes.ts'
import type { Environment } from '../command/environment.ts'
import { formerHistoryIn, removedIn } from '../history/former-history.ts'
import type { FormerHistory } from '../history/former-record.ts'
import { type Git, GitFailure, LimitExceeded } from '../command/git.ts'
import { endedBySignal } from '../command/invocation.ts'
import { findExcess } from '../transfer/measure.ts'
import { type Hub, openQuarantine, type Quarantine } from '../transfer/quarantine.ts'
import {
  branchRef,
  commitsBeyond,
  commonAncestor,
  contains,
  earlierRef,
  findRef,
  instanceRef,
  parentsOf,
  rememberAncestor,
  taskRef,
} from '../objects/refs.ts'
import { readTips, type Tips } from '../history/tips.ts'
import {
  extAddress,
  reasonForTransfer,
  tooMuchToRead,
  transferCall,
  type TransferLimits,
} from '../transfer/transfer.ts'

export interface IntakeRules {
  readonly hub: Hub
  readonly backups: BackupRepository
  readonly target: string
  readonly authorship: Authorship & { readonly server: Identity }
  readonly limits: TransferLimits
  readonly environment: Environment
}

export interface Intake {
  readonly instance: InstanceId
  readonly task: TaskId
  readonly uploadPack: readonly string[]
}

/**
 * Fetches a task's branch. `uploadPack` opens the worker's repository on the worker's side of the
 * boundary. Here only its answer is read: the branch and what `workspace ready` kept of its
 * earlier tips, objects checked, within the limits. All of it stays in quarantine until nothing
 * speaks against it; what is refused leaves nothing in the hub.
 */
export async function takeIn(
  git: Git,
  rules: IntakeRules,
  intake: Intake,
  judge: JudgeWork = async () => null,
): Promise<IntakeOutcome> {
  await using quarantine = await openQuarantine(rules.hub)
  const { instance, task } = intake
  let fetched: Fetched
  try {
    fetched = await fetchBranch(rules, intake, quarantine)
  } catch (error) {
    return { type: 'refused', reason: reasonForTransfer(error, intake, rules.limits) }
  }
  const { tip, kept, earlier } = fetched
  let [commits, parted]: [number, Commit | null] = [0, null]
  let head: Commit
  try {
    const tips = await readTips(quarantine.git, rules.target)
    head = tips.head
    const main = { ...rules, ...tips }
    const excess = await findExcess({ ...quarantine, hub: git }, main, tip)
    if (excess !== null)
      return { type: 'refused', reason: `${taskBranch(task)} is too much: ${excess}` }
    const verdict = await judgeBranch(quarantine.git, main, intake, fetched)
    if (typeof verdict === 'string') return { type: 'refused', reason: verdict }
    commits = verdict
    const objection = await judge(incoming(quarantine.git, rules.target, fetched))
    if (objection !== null) return { type: 'refused', reason: objection }
    parted = await commonAncestor(quarantine.git, head, tip)
  } catch (error) {
    if (!(error instanceof LimitExceeded)) throw error
    return { type: 'refused', reason: tooMuchToRead(taskBranch(task), error) }
  }
  await quarantine.accept({
    [instanceRef(instance, task)]: tip,
    [taskRef(task)]: tip,
    ...(kept === null ? {} : { [earlierRef(instance, task)]: kept }),
  })
  if (parted !== null) rememberAncestor(git, head, tip, parted)
  return { type: 'taken-in', commit: tip, commits, earlier }
}

const incoming = (git: Git, target: string, { tip, earlier }: Fetched): IncomingWork => ({
  commit: tip,
  earlier,
  discardedBy: (work) => discardedBy(git, target, work),
  includes: (newer, older) => contains(git, newer, older),
})

/** Why the branch is no report, or how many commits it brings. */
async function judgeBranch(
  git: Git,
  rules: IntakeRules & Tips,
  intake: Intake,
  { tip, earlier }: Fetched,
): Promise<string | number> {
  const { target, head, formers } = rules
  const { commits, isJoined } = await commitsBeyond(git, tip, head)
  const branch = taskBranch(intake.task)
  if (commits.length === 0)
    return `${branch} has no commit that ${target} lacks: commit your work on ${branch}`
  const [former] = formers
  const removed = former === undefined ? [] : await removedIn(git, head, tip, former)
  if (removed.length > 0) {
    const hasOwn = removed.length < commits.length
    return refuseRemoved(git, rules, intake, { formers, removed, hasOwn })
  }
  if (!isJoined)
    return (
      `${branch} shares no history with ${target}: start it from ${target} and bring ` +
      'your commits there'
    )
  const objection = await objectionToAuthors(git, rules, { ...intake, tip })
  if (objection !== null) return objection
  const lacking = await lackingIn(git, rules, tip, earlier, intake.task)
  if (lacking.length === 0) return commits.length
  const examples = lacking.slice(0, 3).join('; ')
  const newest = lacking.at(-1)?.split(' ', 1)[0] ?? ''
  return (
    `${branch} lacks ${lacking.length} commits that were handed in before (${examples}): ` +
    `take them into your branch with git merge ${newest}`
  )
}

interface Fetched {
  readonly tip: Commit
  /** The commit that `workspace ready` makes of the earlier tips. */
  readonly kept: Commit | null
  /** Its parents, newest first. */
  readonly earlier: readonly Commit[]
}

/**
 * Earlier tips only help to judge the report, so that the branch counts alone where they cannot be
 * fetched: tools of an older server offer none, or they hold a file that is too large.
 */
async function fetchBranch(
  { limits, environment }: IntakeRules,
  { task, uploadPack }: Intake,
  quarantine: Quarantine,
): Promise<Fetched> {
  const [address, call] = [extAddress(uploadPack), transferCall(environment, limits)]
  const branch = { [branchRef(taskBranch(task))]: 'refs/incoming/tip' }
  const earlier = { [offeredEarlier(task)]: 'refs/incoming/earlier' }
  try {
    await quarantine.fetch(address, { ...branch, ...earlier }, call)
  } catch (error) {
    if (error instanceof GitFailure && isFinal(error)) throw error
    await quarantine.fetch(address, branch, call)
    return { tip: await quarantine.resolve('refs/incoming/tip'), kept: null, earlier: [] }
  }
  const names = ['refs/incoming/tip', 'refs/incoming/earlier']
  const [tip = Commit(''), kept = Commit('')] = await quarantine.resolveAll(names)
  // A tip of the branch as it is: the worker may have gone on since.
  if (await contains(quarantine.git, tip, kept)) return { tip, kept: null, earlier: [] }
  const earlierTips = await parentsOf(quarantine.git, kept)
  return { tip, kept, earlier: earlierTips.slice(0, maxEarlier) }
}

/**
 * The branch alone would fare no better. Of a shallow repository (exit 0) it would even pass, since
 * what was fetched for the refused ref is there.
 */
const isFinal = ({ exitCode }: GitFailure): boolean => exitCode === endedBySignal || exitCode === 0

/** The ref that `docker/tools/workspace` offers: the tip itself when there are no earlier ones. */
const offeredEarlier = (task: TaskId): string => `refs/worktree/earlier/${task}`

/** As many as `docker/tools/workspace` offers. */
const maxEarlier = 8

interface Removed {
  readonly formers: readonly FormerHistory[]
  readonly removed: readonly Commit[]
  /** The branch has commits besides those. */
  readonly hasOwn: boolean
}

/** Names the commits that a person removed, and the commands that leave them out. */
async function refuseRemoved(
  git: Git,
  { target }: IntakeRules,
  { task }: Intake,
  { formers, removed, hasOwn }: Removed,
): Promise<string> {
  const { text } = await git(['log', '--no-walk', '--format=%h %s', ...removed.slice(0, 3)])
  const examples = text.split('\n').map((line) => line.slice(0, 200))
  const merges = formers.flatMap(({ returned }) => returned)
  const merge = hasOwn ? null : (merges.find((each) => each.task === task)?.from ?? null)
  const former = formers[0]?.former ?? ''
  const commands = bringOwnWork({ task, branch: target, former, merge })
  return (
    `${taskBranch(task)} contains ${removed.length} commits of the history that a person removed ` +
    `from ${target} of the origin (${examples.join('; ')}). Bring only your own work onto the new ` +
    `history: commit what is not committed, then run\n${commands.join('\n')}\n` +
    'Resolve conflicts as usual.'
  )
}

/**
 * Commits reported before that are missing from the branch, both as they were and as the same
 * change (as after a rebase). A branch that held them before it was rewritten, by an amended
 * commit for instance, lacks none: its worker knew them.
 */
async function lackingIn(
  git: Git,
  { target }: IntakeRules,
  tip: Commit,
  earlier: readonly Commit[],
  task: TaskId,
): Promise<readonly string[]> {
  const before = await findRef(git, taskRef(task))
  if (before === null || (await contains(git, tip, before))) return []
  for (const former of earlier) if (await contains(git, former, before)) return []
  // What was reported before a person rewrote the origin cannot be in the branch as it was.
  if ((await formerHistoryIn(git, target, before)) !== null) return []
  const { text } = await git(['cherry', '-v', tip, before])
  return text.split('\n').flatMap((line) => (line.startsWith('+ ') ? [line.slice(2, 200)] : []))
}
