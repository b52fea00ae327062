import type { Decision } from '../../src/core/decide.ts'
import type { Event } from '../../src/core/model/event.ts'
import type { Commit, InstanceId, Instant, LineId, TaskId } from '../../src/core/model/ids.ts'
import type { State } from '../../src/core/model/state.ts'
import type { Change, NewEvent } from '../../src/engine/dispatch/dispatcher.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { Store } from '../../src/ports/store.ts'
import { isOpen, LeftWork } from './left-work.ts'
import { hubOf, lineOf, type Lines } from './lines.ts'
import type { Checks } from './checks.ts'
import { checkEnding } from './ending.ts'
import { checkStartQueue, checkStarts, checkState, checkWaiting } from './invariants.ts'
import { Obedience } from './obedience.ts'
import { answerRewrites } from './origin.ts'
import { Approver } from './protected.ts'
import { isSameButForTimes } from './state-summary.ts'
import { Violations } from './violation.ts'

interface HistoryRecorderParts {
  readonly clock: Clock
  readonly lines: Lines
  /** What is durable, behind everything that may lie about it. */
  readonly store: Store
}

interface Acknowledged {
  readonly sequence: number
  readonly type: Event['type']
  readonly at: Instant
}

/** Records what is visible outside the server, and what it acknowledged. */
export class HistoryRecorder {
  readonly violations = new Violations()
  readonly #parts: HistoryRecorderParts
  #acknowledged: Acknowledged[] = []
  readonly #reports: { readonly task: TaskId; readonly commit: Commit }[] = []
  /** The moment since which the server has lived and the clock has only ticked. */
  #calmSince: Instant = 0
  /** Where the target of each line was last seen. */
  readonly #heads = new Map<LineId, Commit>()
  /** Tasks whose merged work did not fit a history that a human made. */
  readonly #returned = new Set<TaskId>()

  readonly #approver = new Approver()
  readonly #obedience = new Obedience()
  readonly #leftWork: LeftWork

  /** Those of the project, once it has some. */
  checks: Checks | null = null

  constructor(parts: HistoryRecorderParts) {
    this.#parts = parts
    this.#leftWork = new LeftWork(parts.lines, this.violations)
  }

  /** A decision that others may know: the server outlived its commit. */
  noteChange(change: Change): void {
    const { before, after, entry } = change
    const { event } = entry
    this.#acknowledged.push({ sequence: entry.sequence, type: event.type, at: event.at })
    if (event.type === 'origin-followed')
      for (const { task } of event.returned) this.#returned.add(task)
    checkState(after, this.#returned, this.violations)
    checkStartQueue(before, after, this.violations)
    this.#obedience.check(change, this.violations)
    this.#leftWork.note(before, after)
    if (event.type === 'clock-ticked') {
      checkStarts(before, after, event.at, this.violations)
      checkWaiting(after, event.at, this.#calmSince, this.violations)
    }
    if (entry.ignored !== null) return
    this.checks?.check(after, event, this.violations)
    if (event.type === 'merge-landed') {
      this.#approver.check(this.#parts.lines, this.violations)
      const line = lineOf(after, event.task)
      void this.#checkMerge(line, event.task, event.merge)
      void this.checkHead(line)
    }
    if (
      event.type === 'lists-committed' ||
      event.type === 'upstream-merged' ||
      event.type === 'origin-followed'
    )
      void this.checkHead(event.line)
  }

  /** A fact that came from outside, and what it did. */
  noteFact(
    fact: NewEvent,
    before: State,
    { state, ignored }: Pick<Decision, 'state' | 'ignored'>,
  ): void {
    if (!('launch' in fact)) return
    const current = before.instances.get(fact.instance)?.launch
    if (fact.launch === current || (ignored !== null && isSameButForTimes(before, state))) return
    this.violations.add(
      'old launches change nothing',
      `${fact.type} of launch ${fact.launch} of ${fact.instance}, which is at launch ${current}`,
    )
  }

  /** A server was started or ended, or the clock was set. */
  noteDisturbance(): void {
    this.#calmSince = this.#parts.clock.now()
  }

  /** Something threw that is neither a refusal nor a failed effect. */
  noteBug(error: unknown): void {
    this.violations.add(
      'nothing throws',
      error instanceof Error ? (error.stack ?? error.message) : String(error),
    )
  }

  noteReport(task: TaskId, commit: Commit): void {
    this.#reports.push({ task, commit })
  }

  /** Before a new launch has the workspace. */
  noteHandOver(instance: InstanceId, state: State): void {
    this.#leftWork.handOver(instance, state)
  }

  /** A server has been killed and another one reads what is there. */
  checkDurability(): void {
    const journal = this.#parts.store.journal(0, Number.MAX_SAFE_INTEGER)
    const kept = new Map(journal.map((entry) => [entry.sequence, entry.event]))
    this.#obedience.recall(journal)
    const oldest = journal[0]?.sequence ?? 0
    this.#acknowledged = this.#acknowledged.filter(({ sequence }) => sequence >= oldest)
    for (const { sequence, type, at } of this.#acknowledged) {
      const found = kept.get(sequence)
      if (found?.type !== type || found.at !== at)
        this.violations.add(
          'acknowledged is durable',
          `entry ${sequence}, ${type}, was acknowledged and is not in the journal`,
        )
    }
  }

  /** What must be true once nothing moves any more. */
  async checkEnd(state: State): Promise<void> {
    const { lines, store } = this.#parts
    this.checkDurability()
    this.#approver.check(lines, this.violations)
    const journal = store.journal(0, Number.MAX_SAFE_INTEGER)
    for (const [line, repository] of lines) {
      // A human who deleted it has it still.
      repository.restoreUpstream()
      await this.checkHead(line)
      const head = await repository.head()
      const reports = this.#reports.filter(({ task }) => lineOf(state, task) === line)
      await checkEnding({ state, line, journal, repository, head, reports }, this.violations)
    }
  }

  /** A human decides what rewritten origins mean, and about changes in protected paths. */
  answer(state: State, deliver: (fact: NewEvent) => void): void {
    const { lines, clock } = this.#parts
    answerRewrites(state, lines, clock.now(), (line, answer) =>
      deliver({ type: 'rewrite-answered', line, answer }),
    )
    this.#approver.answer(state, clock.now(), deliver)
  }

  /** A human cancelled the merge of what others pushed, and now makes it. */
  mergeByHand({ lines, tasks }: State): void {
    for (const { id, conflict } of lines.values())
      if (conflict !== null && !isOpen(tasks.get(conflict.task)))
        hubOf(this.#parts.lines, id).mergeByHand()
  }

  async #checkMerge(line: LineId, task: TaskId, merge: Commit): Promise<void> {
    const repository = hubOf(this.#parts.lines, line)
    if (!repository.contains(await repository.head(), merge))
      this.violations.add(
        'merged is on the target',
        `${task} is merged, and its merge ${merge} is not on the target`,
      )
  }

  /** Wherever the target was seen, it still has that. */
  async checkHead(line: LineId): Promise<void> {
    const repository = hubOf(this.#parts.lines, line)
    const before = this.#heads.get(line)
    const head = await repository.head()
    this.#heads.set(line, head)
    for (const commit of [...repository.broughtBack(head), ...repository.undone])
      this.violations.add('removed stays away', `${commit} is on ${line} again`)
    // A target that follows its origin leaves what a human removed there.
    if (before !== undefined && !repository.contains(head, before) && !repository.isFormer(before))
      this.violations.add(
        'the target keeps what it has',
        `${line} moved from ${before} to ${head}, which does not contain it`,
      )
  }
}
