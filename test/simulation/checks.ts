import { awaitsPerson } from '../../src/core/entities/task.ts'
import type { Event } from '../../src/core/model/event.ts'
import type { Instant } from '../../src/core/model/ids.ts'
import type { State } from '../../src/core/model/state.ts'
import type { NewEvent } from '../../src/engine/dispatch/dispatcher.ts'
import type { CheckOutcome } from '../../src/ports/checks.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { Faults } from './faults.ts'
import type { Violations } from './violation.ts'
import { wait } from './wait.ts'

/** What checks print that fail whatever they look at. */
const brokenOutput = 'no package can be installed'

/** The time limit of the simulated checks. */
export const checksTimeoutMs = 20 * 60_000

/**
 * The checks of a project: they take time, hang, fail now and then, or can never pass for a while.
 */
export class Checks {
  readonly #clock: Clock
  readonly #faults: Faults
  #breaks = 0
  #brokenUntil: Instant = 0

  constructor(clock: Clock, faults: Faults) {
    this.#clock = clock
    this.#faults = faults
  }

  async run(): Promise<CheckOutcome> {
    const faults = this.#faults
    const broken = faults.strike('checks-broken', 'engine')
    if (broken !== null) this.#break(broken.between(180_000, 2_400_000))
    if (faults.strike('check-hangs', 'engine')) {
      await wait(this.#clock, checksTimeoutMs)
      return { ok: false, output: 'it took too long', position: 0 }
    }
    const slow = faults.strike('check-slow', 'engine')
    if (slow !== null) await wait(this.#clock, slow.between(10_000, 900_000))
    if (this.#isBroken) return { ok: false, output: brokenOutput, position: 1 }
    return faults.strike('check-fails', 'engine')
      ? { ok: false, output: 'one of them is red' }
      : { ok: true, output: '' }
  }

  /**
   * Work that failed since the checks are broken, and its branch, which was checked after it,
   * failed alike: it must wait.
   */
  checkBlame({ merges }: State, event: Event, violations: Violations): void {
    if (event.type !== 'merge-rejected' || event.output !== brokenOutput) return
    const isFirstBreak = this.#isBroken && this.#breaks === 1
    const { task } = event
    const isHeld = merges.some((each) => each.task === task && each.phase.name === 'held')
    if (isFirstBreak && !isHeld)
      violations.add('work is not blamed', `${task} is returned for checks that cannot pass`)
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

/** A human who is asked about a branch that fails its checks, and about work that always fails. */
export function answerChecks(
  { lines, tasks, policy }: State,
  faults: Faults,
  deliver: (fact: NewEvent) => void,
): void {
  for (const { id: line, base } of lines.values()) {
    if (base?.name !== 'failed' || base.isAccepted) continue
    const answer = faults.strike('checks-answered', 'run')
    if (answer === null) continue
    deliver({ type: 'checks-answered', line, answer: answer.chance(50) ? 'again' : 'merge' })
  }
  const about = { answer: 'Try once more.', worker: null, by: 'operator' } as const
  for (const task of tasks.in('blocked'))
    if (awaitsPerson({ policy }, task)) deliver({ type: 'task-answered', task: task.id, ...about })
}
