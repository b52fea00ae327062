import { awaitsPerson } from '../../src/core/entities/task.ts'
import type { Event } from '../../src/core/model/event.ts'
import type { Commit, Instant, TaskId } from '../../src/core/model/ids.ts'
import type { State } from '../../src/core/model/state.ts'
import type { NewEvent } from '../../src/engine/dispatch/dispatcher.ts'
import type { CheckOutcome } from '../../src/ports/checks.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { Faults } from './faults.ts'
import type { Lines } from './lines.ts'
import { brokenOutput, RedChecks } from './red-checks.ts'
import type { Violations } from './violation.ts'
import { wait } from './wait.ts'

/** The time limit of the simulated checks. */
export const checksTimeoutMs = 20 * 60_000

/**
 * The checks of a project: they take time, hang, fail now and then, fail on everything for a while,
 * or can never pass.
 */
export class Checks {
  readonly #clock: Clock
  readonly #faults: Faults
  readonly #red: RedChecks
  /** How often work was returned since a person last answered. */
  readonly #returns = new Map<TaskId, number>()
  #breaks = 0
  #brokenUntil: Instant = 0

  constructor(clock: Clock, faults: Faults, lines: Lines) {
    this.#clock = clock
    this.#faults = faults
    this.#red = new RedChecks(lines, faults)
  }

  async run(commit: Commit): Promise<CheckOutcome> {
    const faults = this.#faults
    this.#red.mayBecomeRed(commit)
    const broken = faults.strike('checks-broken', 'engine')
    if (broken !== null) this.#break(broken.between(180_000, 2_400_000))
    if (faults.strike('check-hangs', 'engine')) {
      await wait(this.#clock, checksTimeoutMs)
      return { ok: false, output: 'it took too long', position: 0 }
    }
    const slow = faults.strike('check-slow', 'engine')
    if (slow !== null) await wait(this.#clock, slow.between(10_000, 900_000))
    const red = this.#red.outcomeOf(commit)
    if (red !== null) return red
    if (this.#isBroken) return { ok: false, output: brokenOutput, position: 1 }
    return faults.strike('check-fails', 'engine')
      ? { ok: false, output: 'one of them is red' }
      : { ok: true, output: '' }
  }

  /** What a decision makes of checks that fail. */
  check({ tasks, merges, policy }: State, event: Event, violations: Violations): void {
    if (event.type === 'task-answered' && event.by === 'operator') this.#returns.delete(event.task)
    if (event.type === 'task-cancelled') this.#returns.delete(event.task)
    if (event.type !== 'merge-rejected') return
    const { task, output } = event
    // It waits, or is tried again since a person accepted that the checks fail.
    if (merges.some((each) => each.task === task)) return
    // Its branch was checked after it, and failed alike: it must wait.
    const isFirstBreak = this.#isBroken && this.#breaks === 1
    const line = tasks.get(task)?.line
    if (output === brokenOutput && (isFirstBreak || (line && this.#red.hasLine(line))))
      violations.add('work is not blamed', `${task} is returned for checks that cannot pass`)
    const times = (this.#returns.get(task) ?? 0) + 1
    this.#returns.set(task, times)
    if (times > (policy.returns + 1) * (policy.rounds + 1))
      violations.add('returns end', `${task} was returned ${times} times, and no person was asked`)
  }

  /** A human who is asked about a branch that fails its checks, and about work that does. */
  answer(state: State, deliver: (fact: NewEvent) => void): void {
    this.#red.answer(state, deliver)
    const { lines, tasks, policy } = state
    for (const { id: line, base } of lines.values()) {
      if (base?.name !== 'failed' || base.isAccepted) continue
      const answer = this.#faults.strike('checks-answered', 'run')
      if (answer === null) continue
      deliver({ type: 'checks-answered', line, answer: answer.chance(50) ? 'again' : 'merge' })
    }
    const about = { answer: 'Try once more.', worker: null, by: 'operator' } as const
    for (const task of tasks.in('blocked'))
      if (awaitsPerson({ policy }, task))
        deliver({ type: 'task-answered', task: task.id, ...about })
  }

  get #isBroken(): boolean {
    return !this.#faults.areOver && this.#clock.now() < this.#brokenUntil
  }

  #break(ms: number): void {
    const now = this.#clock.now()
    if (!this.#isBroken) this.#breaks += 1
    this.#brokenUntil = Math.max(this.#brokenUntil, now + ms)
  }
}
