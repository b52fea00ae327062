import { expect, it } from 'vitest'
import { costMicros } from './prices.ts'

const none = { input: 0, output: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 }
const million = 1_000_000

it.each([
  ['claude-opus-5-5', { input: million }, 4 * million],
  ['claude-opus-5-5-20261001', { output: million }, 20 * million],
  ['anthropic/claude-opus-5-20260724[1m]', { cacheRead: million }, million / 2],
  ['claude-sonnet-4-5-latest', { cacheWrite5m: million }, 3.75 * million],
  ['claude-sonnet-4-20250514', { cacheWrite1h: million }, 6 * million],
  ['claude-haiku-5-5', { input: 100_000 }, 10_000],
  ['claude-haiku-5-5', { input: 100_000, cacheRead: 100_000 }, 55_000],
  ['claude-haiku-5-5', { output: 1_000 }, 500],
])('a request to %s with %j costs %d millionths', (model, tokens, cost) => {
  expect(costMicros(model, { ...none, ...tokens })).toBe(cost)
})

it.each(['claude-opus-6', 'claude-opus-5-6', 'gpt-5', ''])(
  'the price of "%s" is not guessed',
  (model) => {
    expect(costMicros(model, { ...none, input: 1 })).toBeNull()
  },
)
