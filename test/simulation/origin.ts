import type { FakeRepository } from '../fakes/repository.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { Instant, LineId } from '../../src/core/model/ids.ts'
import type { Faults } from './faults.ts'
import type { Lines } from './lines.ts'
import type { Random } from './random.ts'
import { wait } from './wait.ts'

/** How long git waits for an origin that is silent: it ends the call then. */
const silenceMs = 120_000

/** The network between the server and the origins: whether they can be reached, and how fast. */
export class OriginLink {
  readonly #clock: Clock
  readonly #faults: Faults
  readonly #awayUntil = new Map<LineId, Instant>()

  constructor(clock: Clock, faults: Faults) {
    this.#clock = clock
    this.#faults = faults
  }

  cut(line: LineId, random: Random): void {
    this.#awayUntil.set(line, this.#clock.now() + random.between(1_000, 1_800_000))
  }

  /** The hub whose calls to the origin pass the link. */
  through(line: LineId, hub: FakeRepository): FakeRepository {
    return {
      ...hub,
      mergeUpstream: async () => {
        await this.#reach(line)
        return hub.mergeUpstream()
      },
      publish: async () => {
        try {
          await this.#reach(line)
        } catch (error) {
          return { type: 'refused', reason: String(error), moved: false }
        }
        if (this.#faults.strike('publish-refused', 'origin'))
          return { type: 'refused', reason: 'the origin is read-only', moved: false }
        const slow = this.#faults.strike('origin-slow', 'origin')
        if (slow !== null) await wait(this.#clock, slow.between(60_000, 1_500_000))
        return hub.publish()
      },
    }
  }

  async #reach(line: LineId): Promise<void> {
    if (!this.#faults.areOver && this.#clock.now() < (this.#awayUntil.get(line) ?? 0))
      throw new Error('the origin cannot be reached')
    if (!this.#faults.strike('origin-hangs', 'origin')) return
    await wait(this.#clock, silenceMs)
    throw new Error('the origin was silent for 120 s')
  }
}

/** What happens to the origins at one moment. */
export function disturbOrigins(
  lines: Lines,
  link: OriginLink,
  faults: Faults,
  moment: number,
): void {
  for (const [line, hub] of lines) {
    const away = faults.strike('origin-away', 'origin')
    if (away !== null) link.cut(line, away)
    const conflict = faults.strike('origin-conflict', 'origin')
    if (conflict !== null) pushConflict(hub, conflict, moment)
  }
}

/** A human changes a file that workers of the run write, too. */
function pushConflict(hub: FakeRepository, random: Random, moment: number): void {
  const path = random.pick(['index.js', 'index.js', 'src/task-1.js', 'src/task-2.js'])
  hub.pushUpstream({ [path]: `top\nhuman ${moment}\n` })
}
