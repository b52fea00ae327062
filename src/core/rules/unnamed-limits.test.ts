import { describe, expect, it } from 'vitest'
import {
  fail,
  held,
  minutes,
  phaseOf,
  replaced,
  withBusyManager,
  working,
} from '../../../test/support/limits.ts'
import { one, planned, Run, two } from '../../../test/support/run.ts'
import type { ModelError } from '../model/model-error.ts'

/** What Claude Code says of every 429 with an API key. */
const unnamed: ModelError = { kind: 'quota', window: 'unknown', until: null }
const usage = {
  model: 'opus',
  inputTokens: 1,
  outputTokens: 1,
  cacheReadTokens: 0,
  cacheCreationTokens: 0,
  costMicros: 1,
}

/** The only worker's only key is refused; how long it then rests. */
function restAfterRefusal(run: Run): number {
  const key = held(run)
  fail(run, unnamed)
  const phase = phaseOf(run, key)
  if (phase?.name !== 'cooling') throw new Error(`${key} is ${phase?.name}`)
  return phase.until - run.at
}

/** Waits for the end of the rest, and for the worker to be at work again. */
function goesOn(run: Run, restMs: number): void {
  run.later(restMs + 2_000)
  if (run.instance(one).rotation !== null) replaced(run)
  run.confirmed(one)
}

const isKind = (run: Run, kind: string) => {
  const credentials = [...run.state.credentials.values()].map(({ id }) => ({ id, kind }))
  return run.when({ type: 'credentials-changed', credentials, changed: [] })
}

describe('a limit that Claude Code does not name', () => {
  it('rests an API key for a minute first, and longer each time in a row', () => {
    const run = withBusyManager(working(0))
    const rests: number[] = []
    for (let time = 0; time < 6; time += 1) {
      rests.push(restAfterRefusal(run) / minutes)
      goesOn(run, (rests.at(-1) ?? 0) * minutes)
    }
    expect(rests).toEqual([1, 2, 4, 8, 15, 15])
  })

  it('is another one once the model has answered', () => {
    const run = withBusyManager(working(0))
    goesOn(run, restAfterRefusal(run))
    run.when({ type: 'usage-counted', credential: held(run), usage, ...run.from(one) })
    expect(restAfterRefusal(run)).toBe(1 * minutes)
  })

  it('is the same one when the usage of an earlier request is reported late', () => {
    const run = withBusyManager(working(0))
    const key = held(run)
    const restMs = restAfterRefusal(run)
    run.when({ type: 'usage-counted', credential: key, usage, ...run.from(one) })
    goesOn(run, restMs)
    expect(restAfterRefusal(run)).toBe(2 * minutes)
  })

  it('counts once when others that share the key report it too', () => {
    const run = new Run({ instancesPerCredential: 3 }, 1)
      .planned([planned('a'), planned('b')])
      .confirmed(one)
      .confirmed(two)
    const key = held(run)
    fail(run, unnamed)
    fail(run, unnamed, two)
    expect(run.state.credentials.get(key)?.unnamedLimits).toBe(1)
    run.when({ type: 'cooldown-forgotten', credential: key })
    expect(run.state.credentials.get(key)?.unnamedLimits).toBe(0)
  })

  it('rests an auth token like a key, and a subscription for the longest time', () => {
    expect(restAfterRefusal(isKind(working(0), 'auth-token'))).toBe(1 * minutes)
    expect(restAfterRefusal(isKind(working(0), 'oauth-token'))).toBe(15 * minutes)
    expect(restAfterRefusal(isKind(working(0), 'login'))).toBe(15 * minutes)
  })
})
