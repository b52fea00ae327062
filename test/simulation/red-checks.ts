import type { Commit, LineId, TaskId } from '../../src/core/model/ids.ts'
import type { State } from '../../src/core/model/state.ts'
import { awaitsPerson } from '../../src/core/entities/task.ts'
import type { NewEvent } from '../../src/engine/dispatch/dispatcher.ts'
import type { CheckOutcome } from '../../src/ports/checks.ts'
import type { Faults } from './faults.ts'
import type { Lines } from './lines.ts'

/** What checks print that fail whatever they look at. */
export const brokenOutput = 'no package can be installed'

/** What a person does about the work of a task that can never pass. */
type Remedy = 'repair' | 'cancel'

/**
 * Checks that can never pass, on the work of one task or on everything of a line. They stay red
 * when the faults are over: only a person changes that.
 */
export class RedChecks {
  readonly #lines: Lines
  readonly #faults: Faults
  readonly #tasks = new Map<TaskId, Remedy>()
  readonly #redLines = new Set<LineId>()

  constructor(lines: Lines, faults: Faults) {
    this.#lines = lines
    this.#faults = faults
  }

  /** Once the checks of this commit begin, they may be red for good. */
  mayBecomeRed(commit: Commit): void {
    const place = this.#placeOf(commit)
    const red = this.#faults.strike('checks-never-pass', 'engine')
    if (red === null || place === null) return
    if (place.task === null || red.chance(20)) this.#redLines.add(place.line)
    else this.#tasks.set(place.task, red.chance(70) ? 'repair' : 'cancel')
  }

  /** Null for a commit on which they may pass. */
  outcomeOf(commit: Commit): CheckOutcome | null {
    const place = this.#placeOf(commit)
    if (place === null) return null
    if (this.#redLines.has(place.line)) return { ok: false, output: brokenOutput, position: 1 }
    const isRed = place.task !== null && this.#tasks.has(place.task)
    return isRed ? { ok: false, output: 'it can never pass', position: 0 } : null
  }

  hasLine(line: LineId): boolean {
    return this.#redLines.has(line)
  }

  /** A person has work merged on a red line, and ends or repairs a task that always fails. */
  answer({ lines, tasks, policy }: State, deliver: (fact: NewEvent) => void): void {
    for (const { id: line, base } of lines.values())
      if (this.#redLines.has(line) && base?.name === 'failed' && base.times > 1 && !base.isAccepted)
        deliver({ type: 'checks-answered', line, answer: 'merge' })
    for (const task of tasks.in('blocked')) {
      const remedy = this.#tasks.get(task.id)
      if (remedy === undefined || !awaitsPerson({ policy }, task)) continue
      const by = 'operator'
      if (remedy === 'cancel')
        deliver({ type: 'task-cancelled', task: task.id, reason: 'It can never pass.', by })
      else this.#tasks.delete(task.id)
    }
  }

  /** Null for a commit that no line has. `task`: the one whose candidate it is. */
  #placeOf(commit: Commit): { readonly line: LineId; readonly task: TaskId | null } | null {
    for (const [line, hub] of this.#lines)
      if (hub.knows(commit)) return { line, task: hub.candidateTask(commit) }
    return null
  }
}
