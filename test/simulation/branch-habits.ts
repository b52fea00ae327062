import type { Commit, InstanceId, Launch, TaskId } from '../../src/core/model/ids.ts'
import type { Reply } from '../../src/engine/worker-replies.ts'
import type { FakeRepository } from '../fakes/repository.ts'
import type { Agent } from './agent.ts'

/** A task in the hands of a worker. */
interface Place {
  readonly agent: Agent
  readonly caller: { readonly instance: InstanceId; readonly launch: Launch }
  readonly repository: FakeRepository
  readonly task: TaskId
  /** What it changes, and into what. */
  readonly file: string
  readonly text: string
}

/** A person rewrote the target on which the work is based. */
export const saysHowToLeaveOut = (reply: Reply | null): boolean =>
  /git rebase --onto|git cherry-pick -m 1|history that a person removed/.test(reply?.text ?? '')

/**
 * Commits on a branch of its own and reports from there, or from the task's branch without those
 * commits; then it puts them where the refusal says. False when it does nothing more in this turn.
 */
export async function workElsewhere(
  { agent, caller, repository, task, file, text }: Place,
  brief: Reply,
  misplaced: (task: TaskId) => void,
): Promise<boolean> {
  if (!brief.text.includes('Kind: new')) return true
  const { faults, ask } = agent.around
  const elsewhere = faults.strike('work-elsewhere', caller.instance)
  if (elsewhere === null) return true
  repository.commitElsewhere(caller.instance, task, { [file]: `${text}elsewhere\n` })
  if (elsewhere.chance(30)) repository.switchBack(caller.instance, task)
  const isElsewhere = repository.isElsewhere(caller.instance, task)
  const report = await ask((api) => api.reportDone(caller, `built ${task} elsewhere`))
  if (report !== null && !report.isRefused) {
    if (isElsewhere) misplaced(task)
    return false
  }
  // What it does not put back now stays beside the task's branch.
  if (!agent.isShown || elsewhere.chance(20)) return false
  repository.putBack(caller.instance, task)
  return true
}

/** Does its work on the task's branch, and rewrites that; null when it was ended meanwhile. */
export async function workOnBranch(
  { agent, caller: { instance }, repository, task, file, text }: Place,
  brief: Reply,
): Promise<Commit | null> {
  const { faults, random } = agent.around
  const isOneSided = faults.strike('work-one-sided', instance) !== null
  const isMerged =
    brief.text.includes('Kind: origin') && !faults.strike('origin-unmerged', instance)
  const resolve = () =>
    isOneSided
      ? repository.mergeTarget(instance, task, 'ours')
      : repository.resolveTarget(instance, task)
  let commit = brief.text.includes('Kind: conflict')
    ? resolve()
    : isMerged
      ? repository.mergeOrigin(instance, task)
      : repository.commitOn(instance, task, { [file]: text })
  await agent.wait(random.between(0, 5_000))
  if (!agent.isShown) return null
  if (saysHowToLeaveOut(brief)) commit = repository.bringOwnWork(instance, task)
  if (!isMerged && faults.strike('work-renamed', instance))
    commit = repository.rename(instance, task, file, `lib/${task}.js`)
  if (isOneSided && !isMerged) commit = repository.rebase(instance, task, 'ours')
  else if (!isMerged && faults.strike('work-rebased', instance))
    commit = repository.rebase(instance, task, 'both')
  if (faults.strike('work-amended', instance))
    commit = repository.amend(instance, task, { [file]: `${text}amended\n` })
  if (!isMerged && faults.strike('work-squashed', instance))
    commit = repository.squash(instance, task)
  return commit
}
