import type { Command } from '../../core/model/command.ts'
import type { State } from '../../core/model/state.ts'
import { renderTaskLists } from '../../core/text/task-list.ts'
import { reasonOf } from '../../lib/reason.ts'
import type { MergeOrder, RepositoryOf } from '../../ports/repository.ts'
import type { NewEvent } from '../dispatch/dispatcher.ts'
import type { GateParts } from './gates/gate.ts'
import { passGates } from './gates/pass-gates.ts'

export interface MergeParts extends GateParts {
  readonly repositoryOf: RepositoryOf
  readonly state: () => State
  readonly dispatch: (event: NewEvent) => void
}

type MergeCommand = Extract<Command, { type: 'merge-task' }>

/**
 * Merges one reported commit: builds a candidate, asks the gates about it, and moves the target by
 * compare-and-swap. If the target has moved meanwhile, it builds a new candidate. Idempotent: it
 * detects a merge that has landed, and skips one that was returned.
 */
export async function mergeTask(
  command: MergeCommand,
  parts: MergeParts,
): Promise<readonly NewEvent[]> {
  while (isUnderWay(command, parts.state())) {
    const event = await tryOnce(command, parts)
    if (event !== null) return [event]
  }
  return []
}

function isUnderWay({ task, commit }: MergeCommand, { merges }: State): boolean {
  const merge = merges.find((each) => each.task === task)
  return (
    merge?.commit === commit && (merge.phase.name === 'trying' || merge.phase.name === 'checking')
  )
}

/** A merge that failed where it is unknown whether it is on the target. */
export class UncertainOutcome extends Error {}

const orUncertain = <Value>(effect: Promise<Value>): Promise<Value> =>
  effect.catch((cause: unknown) => {
    throw new UncertainOutcome(reasonOf(cause), { cause })
  })

/** Null when the target has moved meanwhile. */
async function tryOnce(command: MergeCommand, parts: MergeParts): Promise<NewEvent | null> {
  const { line, task, commit } = command
  const repository = parts.repositoryOf(line)
  const landed = await orUncertain(repository.findLanded(task, commit))
  if (landed !== null)
    return { type: 'merge-landed', task, commit, merge: landed, head: await repository.head() }
  const outcome = await repository.tryMerge(mergeOrder(command, parts.state()))
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
  const candidate = { task, commit: outcome.commit, base: outcome.base }
  const begin = () => parts.dispatch({ type: 'merge-checking', task, commit })
  const passage = await passGates(candidate, parts, begin)
  if (!passage.passed) return { type: 'merge-rejected', task, commit, output: passage.output }
  if (await orUncertain(repository.land(outcome.commit, outcome.base))) {
    return { type: 'merge-landed', task, commit, merge: outcome.commit, head: outcome.commit }
  }
  return null
}

function mergeOrder({ line, task, commit }: MergeCommand, state: State): MergeOrder {
  const found = state.tasks.get(task)
  const instance = found?.attempts.at(-1)?.instance ?? ''
  const title = `${task}: ${found?.title ?? ''}`
  const message = [title, found?.summary ?? '', `Task: ${task}\nInstance: ${instance}`]
    .filter((part) => part !== '')
    .join('\n\n')
  return { task, commit, message: `${message}\n`, ownFiles: renderTaskLists(state, line, task) }
}
