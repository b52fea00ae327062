import type { InstanceId, Instant } from '../core/model/ids.ts'
import type { Instance } from '../core/model/instance.ts'
import { type Allowance, tokensOf, type Totals, totalsOf } from '../core/model/ledger.ts'
import { traitsOf } from '../core/model/roles.ts'
import { isRunOver } from '../core/model/run.ts'
import type { State } from '../core/model/state.ts'

/**
 * How long after its last task an instance may still ask: its last words come after its report, and
 * the provider may be overloaded. Claude Code asks nothing at its start, nor between two prompts
 * (2.1.328).
 */
export const lastWordsMs = 10 * 60_000

/**
 * What runs is finished when a budget is used up, until so many times the budget. Without this, a
 * turn that never ends would have no limit.
 */
export const hardLimit = 1.5

/** Remembers when each instance last had work. After a start of the server, that is the start. */
export class Standing {
  readonly #lastWork = new Map<InstanceId, Instant>()
  readonly #startedAt: Instant

  constructor(now: Instant) {
    this.#startedAt = now
  }

  /** For every state that another one replaces: what had work until `now`? */
  note(state: State, now: Instant): void {
    for (const instance of state.instances.values())
      if (hasWork(state, instance)) this.#lastWork.set(instance.id, now)
  }

  /** Why the instance may not ask the model now; null when it may. */
  objectionTo(state: State, id: InstanceId, now: Instant): string | null {
    const instance = state.instances.get(id)
    if (instance === undefined) return `there is no instance ${id}`
    const { ledger, policy } = state
    const { perRun, perTask } = policy.budget
    if (isFarBeyond(ledger.run, perRun)) return 'the budget of the run is used up'
    if (instance.task !== null && isFarBeyond(totalsOf(ledger, instance.task), perTask))
      return `the budget of task ${instance.task} is used up`
    if (hasWork(state, instance)) return null
    const last = this.#lastWork.get(id) ?? this.#startedAt
    // A clock that was set back must not extend it.
    if (now >= last && now < last + lastWordsMs) return null
    return isRunOver(state.run) ? 'the run is over' : `${id} holds no task`
  }
}

/** A person may talk to the Manager at any time, and it runs no commands that could ask. */
const hasWork = ({ run }: State, { role, task }: Instance): boolean =>
  !isRunOver(run) && (task !== null || !traitsOf(role).mayHoldTasks)

const isFarBeyond = (used: Totals, allowed: Allowance | undefined): boolean =>
  tokensOf(used) >= (allowed?.tokens ?? Infinity) * hardLimit ||
  used.costMicros >= (allowed?.costMicros ?? Infinity) * hardLimit
