import { type Decision, decide } from '../../core/decide.ts'
import type { Event } from '../../core/model/event.ts'
import type { Instant } from '../../core/model/ids.ts'
import type { State } from '../../core/model/state.ts'
import type { NewJournalEntry } from '../../ports/store.ts'
import type { Settled } from './burst.ts'
import { isHeartbeatOnly } from './heartbeat-filter.ts'

/** A decision that goes into the journal. */
export interface Step {
  readonly before: State
  readonly after: State
  readonly line: NewJournalEntry
}

export interface Decided {
  /** One for each event. */
  readonly outcomes: readonly Settled<Decision>[]
  /** Without heartbeats: they change what the next commit contains anyway. */
  readonly steps: readonly Step[]
  readonly state: State
  readonly decidedAt: Instant | null
}

/** Decides one event after the other. An event whose decision throws changes nothing. */
export function decideEach(
  state: State,
  decidedAt: Instant | null,
  events: readonly Event[],
): Decided {
  const steps: Step[] = []
  const outcomes: Settled<Decision>[] = []
  let [before, at] = [state, decidedAt]
  for (const event of events) {
    try {
      const decision = decide(before, event, at)
      const { commands, reply, ignored, state: after } = decision
      if (!isHeartbeatOnly(event, before, decision))
        steps.push({ before, after, line: { event, commands, reply, ignored } })
      before = after
      at = event.at
      outcomes.push({ result: decision })
    } catch (error) {
      outcomes.push({ error })
    }
  }
  return { outcomes, steps, state: before, decidedAt: at }
}
