import { isManagerSilent } from '../../src/core/entities/plan-progress.ts'
import type { Instant } from '../../src/core/model/ids.ts'
import type { NewEvent } from '../../src/engine/dispatch/dispatcher.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { Checks } from './checks.ts'
import type { Faults } from './faults.ts'
import type { HistoryRecorder } from './history-recorder.ts'
import type { HostDecisions } from './host-decisions.ts'
import type { Supervisor } from './supervisor.ts'

interface PersonParts {
  readonly clock: Clock
  readonly faults: Faults
  readonly checks: Checks
  readonly recorder: HistoryRecorder
  readonly hosts: HostDecisions
  readonly server: Supervisor
}

/** A human who was asked to; some end the run although its origin lacks work. */
export class Person {
  readonly #parts: PersonParts
  #awayUntil: Instant = 0

  constructor(parts: PersonParts) {
    this.#parts = parts
  }

  /** Looks at what the server asks for, and answers it. */
  answer(): void {
    const { faults, checks, recorder, hosts, server } = this.#parts
    const { state } = server
    if (state === null || this.#isAway) return
    const deliver = (fact: NewEvent) => server.deliver(fact)
    recorder.answer(state, deliver)
    if (state.tasks.countIn('proposed') > 0) deliver({ type: 'plan-approved' })
    if (isManagerSilent(state)) deliver({ type: 'plan-completed' })
    checks.answer(state, deliver)
    hosts.decide(state, (fact) => deliver(fact)?.ignored === null)
    if (state.run.phase.name === 'publishing' && faults.strike('run-accepted', 'run'))
      deliver({ type: 'run-accepted' })
  }

  get #isAway(): boolean {
    const { clock, faults } = this.#parts
    const absence = faults.strike('human-away', 'run')
    if (absence !== null) this.#awayUntil = clock.now() + absence.between(600_000, 5_400_000)
    return clock.now() < this.#awayUntil
  }
}
