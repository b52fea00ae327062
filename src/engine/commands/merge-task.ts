import type { Command } from '../../core/model/command.ts'
import type { CheckFailure } from '../../core/model/base-verdict.ts'
import { isRewritten } from '../../core/entities/origin-conflict.ts'
import type { Commit, LineId } from '../../core/model/ids.ts'
import type { ProtectedWork } from '../../core/model/protected.ts'
import type { State } from '../../core/model/state.ts'
import { mergeMessage } from '../../core/text/merge-message.ts'
import { renderTaskLists } from '../../core/text/task-list.ts'
import { reasonOf } from '../../lib/reason.ts'
import type { CheckRunner } from '../../ports/checks.ts'
import type { MergeOrder, RepositoryOf } from '../../ports/repository.ts'
import type { NewEvent } from '../dispatch/dispatcher.ts'
import { checkBase } from './check-base.ts'
import type { Candidate, GateOutcome, GateParts } from './gates/gate.ts'
import { passGates } from './gates/pass-gates.ts'

/** Runs a job while nothing else changes the hub of the line. */
export type InHub = <Value>(line: LineId, job: () => Promise<Value>) => Promise<Value>

export interface MergeParts extends GateParts {
  readonly repositoryOf: RepositoryOf
  readonly state: () => State
  readonly dispatch: (event: NewEvent) => void
  readonly inHub: InHub
  /** Runs the checks on the branch as it is, where the work fails them. */
  readonly baseRunner: CheckRunner
}

type MergeCommand = Extract<Command, { type: 'merge-task' }>

interface Prepared extends Candidate {
  /** What it changes in protected paths; null when nothing. */
  readonly protected: ProtectedWork | null
}

/** A candidate, and what the gates said of it. */
interface Judged {
  readonly candidate: Prepared
  readonly passage: GateOutcome
}

/**
 * Candidates that are judged while others may move the target. The next one is judged in the hub's
 * own queue, so that a busy origin cannot keep the work out for ever.
 */
const roundsBesideOthers = 2

/**
 * Merges one reported commit: builds a candidate, asks the gates about it, and moves the target by
 * compare-and-swap. The hub is free while the gates are asked. If the target has moved meanwhile,
 * it builds a new candidate, and asks again unless only task lists differ. Idempotent: it detects a
 * merge that has landed, and skips one that was returned.
 */
export async function mergeTask(command: MergeCommand, parts: MergeParts): Promise<void> {
  const { line } = command
  let last: Judged | null = null
  for (let round = 1; isUnderWay(command, parts.state()); round += 1) {
    if (round > roundsBesideOthers) return parts.inHub(line, () => mergeAlone(command, parts, last))
    const before: Judged | null = last
    const prepared: Prepared | 'over' = await parts.inHub(line, () =>
      prepare(command, parts, before),
    )
    if (prepared === 'over') return
    last = await judge(command, parts, prepared)
    if (last === null) return
    const judged: Judged = last
    if (await parts.inHub(line, () => land(command, parts, judged))) return
  }
}

/** All of it while nothing else changes the hub. */
async function mergeAlone(
  command: MergeCommand,
  parts: MergeParts,
  last: Judged | null,
): Promise<void> {
  while (isUnderWay(command, parts.state())) {
    const prepared = await prepare(command, parts, last)
    if (prepared === 'over') return
    const judged = await judge(command, parts, prepared)
    if (judged === null || (await land(command, parts, judged))) return
  }
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

/** A brief names so many files; git shows the rest. */
const mostPaths = 100

/** A candidate for the gates; `over` when its outcome is known without them. */
async function prepare(
  command: MergeCommand,
  parts: MergeParts,
  last: Judged | null,
): Promise<Prepared | 'over'> {
  const { line, task, commit } = command
  const repository = parts.repositoryOf(line)
  const landed = await orUncertain(repository.findLanded(task, commit))
  if (landed !== null) {
    const head = await repository.head()
    parts.dispatch({ type: 'merge-landed', task, commit, merge: landed, head })
    return 'over'
  }
  const outcome = await repository.tryMerge(mergeOrder(command, parts.state()))
  if (outcome.type === 'conflict') {
    const { tasks } = outcome
    const paths = outcome.paths.slice(0, mostPaths)
    parts.dispatch({ type: 'merge-conflicted', task, commit, paths, tasks })
    return 'over'
  }
  if (outcome.type === 'removed') {
    parts.dispatch({ type: 'merge-outdated', task, commit, former: outcome.former })
    return 'over'
  }
  if (outcome.type === 'contained') {
    const head = await repository.head()
    parts.dispatch({ type: 'merge-landed', task, commit, merge: head, head })
    return 'over'
  }
  const { base, protected: work } = outcome
  const candidate = { task, commit: outcome.commit, base, protected: work }
  const isJudged =
    last !== null && (await repository.isSameWork(last.candidate.commit, candidate.commit))
  if (isJudged && (await land(command, parts, { ...last, candidate }))) return 'over'
  return candidate
}

/** Asks the gates; null when they refuse, which is reported. */
async function judge(
  command: MergeCommand,
  parts: MergeParts,
  candidate: Prepared,
): Promise<Judged | null> {
  const { line, task, commit, mayFailFrom } = command
  const begin = () => parts.dispatch({ type: 'merge-checking', task, commit })
  const passage = await passGates(candidate, parts, begin)
  if (passage.passed || (mayFailFrom !== null && passage.position >= mayFailFrom))
    return { candidate, passage }
  const base = await failureOfBase(line, candidate, parts, begin)
  const { output, position } = passage
  const rejected = { type: 'merge-rejected', task, commit, output, position } as const
  parts.dispatch(base === null ? rejected : { ...rejected, base })
  return null
}

/**
 * Moves the target to the candidate; false when the target has moved meanwhile. A candidate that
 * changes protected paths moves it only when a person approved exactly that change. A person is
 * asked last, about work with which everything else is in order.
 */
async function land(
  command: MergeCommand,
  parts: MergeParts,
  { candidate, passage }: Judged,
): Promise<boolean> {
  const { line, task, commit, approved } = command
  if (!isUnderWay(command, parts.state())) return true
  if (isRewritten(parts.state(), line)) {
    // Nothing lands on a history that a person has to judge: the next try comes after that.
    const reason = 'the history of the origin was rewritten'
    parts.dispatch({ type: 'merge-failed', task, commit, reason, mayHaveLanded: false })
    return true
  }
  const work = candidate.protected
  if (work !== null && work.content !== approved) {
    parts.dispatch({ type: 'merge-held', task, commit, work })
    return true
  }
  const merge = candidate.commit
  if (!(await orUncertain(parts.repositoryOf(line).land(merge, candidate.base)))) return false
  const checks = verdictOf(merge, passage, parts)
  // Before the hub is free again: the events of the hub come in the order of its changes.
  parts.dispatch({ type: 'merge-landed', task, commit, merge, head: merge, checks })
  return true
}

/**
 * What the checks say of the branch that the candidate was merged with, so that work is not blamed
 * for what is broken without it. Null when they pass there. That they passed there before proves
 * nothing: what they need from outside may be gone since.
 */
async function failureOfBase(
  line: LineId,
  { base }: Candidate,
  parts: MergeParts,
  begin: () => void,
): Promise<CheckFailure | null> {
  const known = parts.state().lines.get(line)?.base
  if (known?.name === 'failed' && known.failure.commit === base) return known.failure
  begin()
  return checkBase(base, { ...parts, checkRunner: parts.baseRunner })
}

function verdictOf(
  commit: Commit,
  passage: GateOutcome,
  { checks: { commands } }: MergeParts,
): 'passed' | CheckFailure {
  if (passage.passed) return 'passed'
  const { position, output } = passage
  return { commit, command: commands[position] ?? '', position, output }
}

function mergeOrder({ line, task, commit }: MergeCommand, state: State): MergeOrder {
  const found = state.tasks.get(task)
  const instance = found?.attempts.at(-1)?.instance ?? ''
  const message = mergeMessage(found ?? { id: task, title: '', summary: null }, instance)
  return { task, commit, message, ownFiles: renderTaskLists(state, line, task) }
}
