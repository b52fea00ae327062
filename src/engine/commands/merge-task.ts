import type { Commit, TaskId } from '../../core/model/ids.ts'
import type { State } from '../../core/model/state.ts'
import { renderTaskLists } from '../../core/text/task-list.ts'
import { reasonOf } from '../../lib/reason.ts'
import type { CheckRunner } from '../../ports/checks.ts'
import type { MergeOutcome, Repository } from '../../ports/repository.ts'
import type { NewEvent } from '../dispatch/dispatcher.ts'

export interface Checks {
  readonly commands: readonly string[]
  readonly timeoutMs: number
}

export interface MergeParts {
  readonly repository: Repository
  readonly checkRunner: CheckRunner
  readonly checks: Checks
  readonly state: () => State
  readonly dispatch: (fact: NewEvent) => void
}

/**
 * Merges one reported commit: candidate, checks on the candidate's tree, then the target moves by compare-and-swap. Whoever
 * moved the target meanwhile wins, and the candidate is built anew. Asked twice, it finds what landed the first time, and lets be what the
 * first time sent back.
 */
export async function mergeTask(
  task: TaskId,
  commit: Commit,
  parts: MergeParts,
): Promise<readonly NewEvent[]> {
  while (isUnderWay(task, commit, parts.state())) {
    const fact = await tryOnce(task, commit, parts)
    if (fact !== null) return [fact]
  }
  return []
}

function isUnderWay(task: TaskId, commit: Commit, { merges }: State): boolean {
  const head = merges[0]
  return (
    head?.task === task &&
    head.commit === commit &&
    (head.phase.name === 'trying' || head.phase.name === 'checking')
  )
}

/** A merge that failed where nobody knows whether it is on the target. */
export class UncertainOutcome extends Error {}

const settled = <Value>(asked: Promise<Value>): Promise<Value> =>
  asked.catch((cause: unknown) => {
    throw new UncertainOutcome(reasonOf(cause), { cause })
  })

/** Null when somebody else moved the target meanwhile. */
async function tryOnce(task: TaskId, commit: Commit, parts: MergeParts): Promise<NewEvent | null> {
  const { repository } = parts
  const landed = await settled(repository.findLanded(task, commit))
  if (landed !== null)
    return { type: 'merge-landed', task, commit, merge: landed, head: await repository.head() }
  const outcome = await repository.tryMerge(mergeOrder(task, commit, parts.state()))
  if (outcome.type === 'conflict')
    return { type: 'merge-conflicted', task, commit, paths: outcome.paths, tasks: outcome.tasks }
  if (outcome.type === 'contained')
    return {
      type: 'merge-landed',
      task,
      commit,
      merge: await repository.head(),
      head: await repository.head(),
    }
  const rejection = await check(task, commit, outcome, parts)
  if (rejection !== null) return rejection
  if (await settled(repository.land(outcome.commit, outcome.base))) {
    return { type: 'merge-landed', task, commit, merge: outcome.commit, head: outcome.commit }
  }
  return null
}

function mergeOrder(
  task: TaskId,
  commit: Commit,
  state: State,
): Parameters<Repository['tryMerge']>[0] {
  const found = state.tasks.get(task)
  const instance = found?.attempts.at(-1)?.instance ?? ''
  const title = `${task}: ${found?.title ?? ''}`
  const message = [title, found?.summary ?? '', `Task: ${task}\nInstance: ${instance}`]
    .filter((part) => part !== '')
    .join('\n\n')
  return { task, commit, message: `${message}\n`, ownFiles: renderTaskLists(state, task) }
}

type Candidate = Extract<MergeOutcome, { type: 'candidate' }>

async function check(
  task: TaskId,
  commit: Commit,
  candidate: Candidate,
  parts: MergeParts,
): Promise<NewEvent | null> {
  const { commands, timeoutMs } = parts.checks
  if (commands.length === 0) return null
  parts.dispatch({ type: 'merge-checking', task, commit })
  const { ok, output } = await parts.checkRunner.run(candidate.commit, commands, timeoutMs)
  return ok ? null : { type: 'merge-rejected', task, commit, output }
}
