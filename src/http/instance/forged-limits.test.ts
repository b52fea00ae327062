import { describe, expect, it } from 'vitest'
import { ForgingWorker } from '../../../test/support/forging-worker.ts'

/** Its first one, and two more on its own word. */
const mostSecrets = 3

const lies = {
  'status lines with 95 %': (worker: ForgingWorker, count: number) =>
    worker.statusLine(95, 60 + count),
  'status lines with 100 %': (worker: ForgingWorker, count: number) =>
    worker.statusLine(100, 60 + count),
  'a used-up window': (worker: ForgingWorker) =>
    worker.stopFailure('rate_limit', "You've hit your 5-hour limit"),
  'a 429 without a name': (worker: ForgingWorker) =>
    worker.stopFailure('rate_limit', 'Request rejected (429)'),
  throttling: (worker: ForgingWorker) =>
    worker.stopFailure('rate_limit', 'this is not your usage limit'),
  'spent credit': (worker: ForgingWorker) => worker.stopFailure('billing_error', 'no credit'),
  'a revoked key': (worker: ForgingWorker) =>
    worker.stopFailure('authentication_failed', 'invalid key'),
  'a limit of a subagent': (worker: ForgingWorker) =>
    worker.stopFailure('rate_limit', "You've hit your 5-hour limit", 'agent-1'),
} as const

const all = Object.values(lies)

describe('a worker that forges reports to read the secrets of the pool', () => {
  it.each(Object.entries(lies))('gets two more in a day with %s', async (_, lie) => {
    await using worker = new ForgingWorker(12)
    for (let count = 0; count < 12; count += 1) {
      await lie(worker, count)
      worker.later(2_000)
    }
    expect(worker.read.size).toBeLessThanOrEqual(mostSecrets)
  })

  it('gets two more in a day with all of them in turn, however slowly', async () => {
    await using worker = new ForgingWorker(30)
    for (let count = 0; count < 200; count += 1) {
      await all[count % all.length]?.(worker, count)
      worker.later(7 * 60_000)
    }
    expect(worker.read.size).toBeLessThanOrEqual(mostSecrets)
  })
})
