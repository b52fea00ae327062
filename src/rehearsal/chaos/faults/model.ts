import type { Fault } from '../../model/fault.ts'
import { nameOf } from '../../runner/credentials.ts'
import { type Inject, instanceIn, isGone } from '../world/fault-context.ts'

/** More than the client retries by itself, so that some turns fail for good. */
const mostTimes = 6

/** So long it waits for a request. */
const waitMs = 20_000

/**
 * What the model does to the next requests of the victim. The repair is the next answer that it
 * gets, with the credential that it has by then; one that asked for nothing meanwhile was not
 * struck.
 */
const struck =
  (make: (dice: number) => Fault, times: (dice: number) => number): Inject =>
  async ({ model, modelFaults, status }, { victim, dice }) => {
    const credential = instanceIn(status(), victim)?.credential ?? null
    if (credential === null) return null
    const struckAt = modelFaults.arm(credential, make(dice), times(dice), waitMs)
    const until = Date.now() + waitMs
    return {
      struckAt,
      isWhole: (view) => {
        const since = struckAt()
        if (since === null) return view.at > until
        const now = instanceIn(view.status, victim)
        const isAnswered = model.requests.some(
          (request) =>
            request.at > since &&
            request.answered === 'message' &&
            nameOf(request.credential) === now?.credential,
        )
        return isAnswered || isGone(now?.phase)
      },
    }
  }

const severalTimes = (dice: number): number => 1 + Math.floor(dice * mostTimes)
const once = (): number => 1

export const throttle = struck(() => ({ type: 'throttled' }), severalTimes)
export const overload = struck(() => ({ type: 'overloaded' }), severalTimes)
export const failInside = struck(() => ({ type: 'internal' }), severalTimes)
export const cut = struck(() => ({ type: 'cut' }), severalTimes)
export const hang = struck(
  (dice) => ({ type: 'hang', ms: 3_000 + Math.round(dice * 12_000) }),
  once,
)

/** A window that opens again soon; the client reports its reset to the minute. */
export const quota = struck(
  (dice) => ({
    type: 'limit',
    window: 'five_hour',
    resetsAt: Date.now() + 10_000 + Math.round(dice * 20_000),
  }),
  once,
)
