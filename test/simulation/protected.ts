import type { Instant, TaskId } from '../../src/core/model/ids.ts'
import type { State } from '../../src/core/model/state.ts'
import { workToAnswer } from '../../src/core/rules/protected-work.ts'
import type { NewEvent } from '../../src/engine/dispatch/dispatcher.ts'
import { changesIn, type FileChange } from '../fakes/protected.ts'
import type { Lines } from './lines.ts'
import type { Violations } from './violation.ts'

/** The file that a worker touches in protected paths: its own, or one that others touch too. */
export const protectedFile = (task: TaskId, isShared: boolean): string =>
  `.github/${isShared ? 'ci' : task}.yml`

/** A person who is asked about work that changes protected paths, and what the person approved. */
export class Approver {
  /** By task; each approval is of the changes that the person saw together. */
  readonly #approved = new Map<string, ReadonlySet<string>[]>()

  /** Takes up to 50 minutes, and returns one work of four. */
  answer({ merges }: State, now: Instant, deliver: (fact: NewEvent) => void): void {
    for (const merge of merges) {
      const work = workToAnswer(merge)
      if (work === null) continue
      // The commit's name only spreads them.
      const number = Number.parseInt(merge.commit.slice(-3), 16)
      if (now < merge.phase.since + (number % 6) * 600_000) continue
      const { task } = merge
      const answer = number % 4 === 0 ? 'return' : 'merge'
      if (answer === 'merge')
        this.#approvalsOf(task).push(new Set(changesIn(work.content).map(nameOf)))
      const reason = 'not wanted'
      deliver({ type: 'protected-answered', task, content: work.content, answer, reason })
    }
  }

  /** Whatever else happens: what is protected changes only as a person saw it. */
  check(lines: Lines, violations: Violations): void {
    for (const repository of lines.values())
      for (const { task, changes } of repository.protectedLandings) {
        const names = changes.map(nameOf)
        const isSeen = this.#approvalsOf(task).some((seen) => names.every((name) => seen.has(name)))
        if (names.length > 0 && !isSeen)
          violations.add(
            'people are asked',
            `${task} landed ${names.join()}, which no person approved`,
          )
      }
  }

  #approvalsOf(task: string): ReadonlySet<string>[] {
    const known = this.#approved.get(task) ?? []
    this.#approved.set(task, known)
    return known
  }
}

const nameOf = (change: FileChange): string => JSON.stringify(change)
