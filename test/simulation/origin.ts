import type { FakeRepository } from '../fakes/repository.ts'
import type { State } from '../../src/core/model/state.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { Instant, LineId } from '../../src/core/model/ids.ts'
import type { RewriteVerdict } from '../../src/core/model/rewrite.ts'
import type { Faults } from './faults.ts'
import { hubOf, type Lines } from './lines.ts'
import type { Random } from './random.ts'
import { wait } from './wait.ts'

/** How long git waits for an origin that is silent: it ends the call then. */
const silenceMs = 120_000

/**
 * The way between the server and the origins: whether they can be reached, how fast, and whether
 * they take a push.
 */
export class OriginLink {
  readonly #clock: Clock
  readonly #faults: Faults
  readonly #awayUntil = new Map<LineId, Instant>()
  readonly #protectedUntil = new Map<LineId, Instant>()

  constructor(clock: Clock, faults: Faults) {
    this.#clock = clock
    this.#faults = faults
  }

  cut(line: LineId, random: Random): void {
    this.#awayUntil.set(line, this.#clock.now() + random.between(1_000, 1_800_000))
  }

  /** The origin takes no push for a while. */
  protect(line: LineId, random: Random): void {
    this.#protectedUntil.set(line, this.#clock.now() + random.between(60_000, 2_400_000))
  }

  /** A human deletes the target, and pushes it again half an hour later at the latest. */
  deleteTarget(hub: FakeRepository, random: Random): void {
    hub.deleteUpstream()
    void wait(this.#clock, random.between(10_000, 1_800_000)).then(() => hub.restoreUpstream())
  }

  /** The hub whose calls to the origin pass the link. */
  through(line: LineId, hub: FakeRepository): FakeRepository {
    return {
      ...hub,
      mergeUpstream: async (answer, apply) => {
        await this.#reach(line)
        return hub.mergeUpstream(answer, apply)
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
        const isProtected = this.#isIn(this.#protectedUntil, line)
        hub.refusePushes(isProtected ? 'the branch is protected' : null)
        const lost = this.#faults.strike('push-unanswered', 'origin')
        if (lost !== null) loseAnswer(hub, lost)
        return hub.publish()
      },
    }
  }

  #isIn(periods: ReadonlyMap<LineId, Instant>, line: LineId): boolean {
    return !this.#faults.areOver && this.#clock.now() < (periods.get(line) ?? 0)
  }

  async #reach(line: LineId): Promise<void> {
    if (this.#isIn(this.#awayUntil, line)) throw new Error('the origin cannot be reached')
    if (!this.#faults.strike('origin-hangs', 'origin')) return
    await wait(this.#clock, silenceMs)
    throw new Error('the origin was silent for 120 s')
  }
}

/** The next push arrives or not, and a human may take it back before the server looks for it. */
function loseAnswer(hub: FakeRepository, random: Random): void {
  const arrives = random.chance(70)
  const isTakenBack = arrives && random.chance(50)
  hub.loseAnswer({ arrives, meanwhile: () => (isTakenBack ? hub.takeBack(1) : undefined) })
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
    const protection = faults.strike('origin-protected', 'origin')
    if (protection !== null) link.protect(line, protection)
    const deletion = faults.strike('origin-deleted', 'origin')
    if (deletion !== null) link.deleteTarget(hub, deletion)
    const conflict = faults.strike('origin-conflict', 'origin')
    if (conflict !== null) pushConflict(hub, conflict, moment)
    const rewrite = faults.strike('origin-rewritten', 'origin')
    if (rewrite !== null) hub.takeBack(rewrite.between(1, 3))
  }
}

/** A human changes a file that workers of the run write, too. */
function pushConflict(hub: FakeRepository, random: Random, moment: number): void {
  const path = random.pick(['index.js', 'index.js', 'src/task-1.js', 'src/task-2.js'])
  hub.pushUpstream({ [path]: `top\nhuman ${moment}\n` })
}

/**
 * A human puts a rewritten origin back, keeps both histories or lets the run follow the new one,
 * half an hour later at the latest.
 */
export function answerRewrites(
  { lines }: State,
  hubs: Lines,
  now: Instant,
  answer: (line: LineId, verdict: RewriteVerdict) => void,
): void {
  for (const { id, rewrite } of lines.values()) {
    if (rewrite === null || rewrite.verdict !== null) continue
    // Two of three take their time; the number only spreads them.
    const patienceMs = (Number.parseInt(rewrite.before.slice(-2), 16) % 3) * 900_000
    if (now < rewrite.since + patienceMs) continue
    const choice = Number.parseInt(rewrite.before.slice(-1), 16) % 4
    if (choice % 2 === 0) answer(id, choice === 0 ? 'keep' : 'follow')
    else hubOf(hubs, id).rewriteOrigin(rewrite.before)
  }
}
