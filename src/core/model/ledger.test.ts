import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Usage,
  addUsage,
  type Booking,
  type Budget,
  budgetVerdict,
  emptyLedger,
  type Ledger,
  maxModels,
  type Totals,
} from './ledger.ts'
import { CredentialId, InstanceId, managerId, TaskId, workerId } from './ids.ts'

const usage = (change: Partial<Usage> = {}): Usage => ({
  model: 'claude-sonnet-5-5',
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheCreationTokens: 0,
  costMicros: 0,
  ...change,
})
const booking = (change: Partial<Booking> = {}): Booking => ({
  task: TaskId('a'),
  instance: workerId(1),
  credential: CredentialId('key-1'),
  usage: usage(),
  ...change,
})
const ledgerOf = (...bookings: readonly Booking[]): Ledger =>
  bookings.reduce(addUsage, emptyLedger())

describe('a request', () => {
  it('is counted for its task, its instance, its credential, its model and the run', () => {
    const { model, ...counts } = usage({
      inputTokens: 1,
      outputTokens: 2,
      cacheReadTokens: 3,
      cacheCreationTokens: 4,
      costMicros: 5,
    })
    const totals: Totals = { ...counts, requests: 1 }
    expect(ledgerOf(booking({ usage: { model, ...counts } }))).toEqual({
      run: totals,
      tasks: { a: totals },
      instances: { 'worker-1': totals },
      credentials: { 'key-1': totals },
      models: { [model]: totals },
    })
  })

  it('of the Manager, with an unknown credential, is in the sum of the run', () => {
    const ledger = ledgerOf(
      booking({
        task: null,
        instance: managerId,
        credential: null,
        usage: usage({ inputTokens: 7 }),
      }),
    )
    expect(ledger).toMatchObject({
      run: { inputTokens: 7 },
      tasks: {},
      credentials: {},
      instances: { manager: { inputTokens: 7 } },
    })
  })

  it.each(['__proto__', 'constructor', 'hasOwnProperty'])(
    'may come from a model called %s',
    (model) => {
      const ledger = ledgerOf(
        ...[1, 2].map((inputTokens) => booking({ usage: usage({ model, inputTokens }) })),
      )
      const kept = JSON.parse(JSON.stringify(ledger)) as Ledger
      expect(Object.entries(kept.models)).toEqual([
        [model, expect.objectContaining({ inputTokens: 3, requests: 2 })],
      ])
    },
  )
})

describe('a ledger', () => {
  it('does not grow with every name that an instance invents', () => {
    const names = Array.from({ length: 500 }, (_, index) => `model-${index}`)
    const { models, run } = ledgerOf(...names.map((model) => booking({ usage: usage({ model }) })))
    expect(Object.keys(models)).toHaveLength(maxModels + 1)
    expect(models['other']?.requests).toBe(run.requests - maxModels)
  })

  it('has equal sums in any order of requests, and survives JSON', () => {
    const counts = fc.record({
      model: fc.constantFrom('opus', 'sonnet', 'haiku'),
      inputTokens: fc.nat(),
      outputTokens: fc.nat(),
      cacheReadTokens: fc.nat(),
      cacheCreationTokens: fc.nat(),
      costMicros: fc.nat(),
    })
    const bookings = fc.array(
      fc.record({
        task: fc.constantFrom(TaskId('a'), TaskId('b'), null),
        instance: fc.constantFrom(InstanceId('manager'), workerId(1), workerId(2)),
        credential: fc.constantFrom(CredentialId('key-1'), CredentialId('key-2'), null),
        usage: counts,
      }),
      { size: 'max', maxLength: 60 },
    )
    const shuffled = bookings.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    )
    fc.assert(
      fc.property(shuffled, ([all, inAnotherOrder]) => {
        const ledger = ledgerOf(...all)
        expect(ledgerOf(...inAnotherOrder)).toEqual(ledger)
        expect(JSON.parse(JSON.stringify(ledger))).toEqual(ledger)
        expect(ledger.run.requests).toBe(all.length)
        expect(sumOf(ledger.instances)).toEqual(ledger.run)
        expect(sumOf(ledger.models)).toEqual(ledger.run)
        expect(sumOf(ledger.tasks)).toEqual(
          ledgerOf(...all.filter(({ task }) => task !== null)).run,
        )
        expect(sumOf(ledger.credentials)).toEqual(
          ledgerOf(...all.filter(({ credential }) => credential !== null)).run,
        )
      }),
    )
  })
})

describe('a budget', () => {
  const used = ledgerOf(
    booking({
      task: TaskId('a'),
      usage: usage({
        inputTokens: 10,
        outputTokens: 20,
        cacheReadTokens: 30,
        cacheCreationTokens: 40,
      }),
    }),
    booking({ task: TaskId('b'), usage: usage({ costMicros: 1_000 }) }),
  )

  it.each<[string, Budget, string | null, ReturnType<typeof budgetVerdict>]>([
    ['nothing limits the run', {}, null, 'within'],
    ['nothing limits the task', { perRun: { tokens: 1 } }, 'a', 'within'],
    ['the run has room', { perRun: { tokens: 126 } }, null, 'within'],
    ['four fifths are used', { perRun: { tokens: 125 } }, null, 'near'],
    ['one token is left', { perRun: { tokens: 101 } }, null, 'near'],
    ['all of it is used', { perRun: { tokens: 100 } }, null, 'exceeded'],
    [
      'the money is used and tokens are left',
      { perRun: { tokens: 1_000, costMicros: 999 } },
      null,
      'exceeded',
    ],
    [
      'the money goes and tokens are left',
      { perRun: { tokens: 1_000, costMicros: 1_250 } },
      null,
      'near',
    ],
    ['nothing was allowed', { perRun: { costMicros: 0 } }, null, 'exceeded'],
    ['the task used it', { perTask: { tokens: 100 } }, 'a', 'exceeded'],
    ['another task used it', { perTask: { tokens: 100 } }, 'b', 'within'],
    ['the task has used nothing', { perTask: { tokens: 1 } }, 'c', 'within'],
    ['only tasks are limited', { perTask: { tokens: 1 } }, null, 'within'],
  ])('of which %s', (_, budget, task, verdict) => {
    expect(budgetVerdict(used, budget, task === null ? null : TaskId(task))).toBe(verdict)
  })
})

function sumOf(shares: Ledger['tasks']): Totals {
  return Object.values(shares).reduce(
    (sum, totals) => ({
      requests: sum.requests + totals.requests,
      inputTokens: sum.inputTokens + totals.inputTokens,
      outputTokens: sum.outputTokens + totals.outputTokens,
      cacheReadTokens: sum.cacheReadTokens + totals.cacheReadTokens,
      cacheCreationTokens: sum.cacheCreationTokens + totals.cacheCreationTokens,
      costMicros: sum.costMicros + totals.costMicros,
    }),
    emptyLedger().run,
  )
}
