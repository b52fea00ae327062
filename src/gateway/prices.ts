/** US dollars per million tokens. */
interface Price {
  readonly input: number
  readonly output: number
  readonly cacheRead: number
}

export interface PricedTokens {
  readonly input: number
  readonly output: number
  readonly cacheRead: number
  readonly cacheWrite5m: number
  readonly cacheWrite1h: number
}

const opus45to5 = { input: 5, output: 25, cacheRead: 0.5 }
const opus4 = { input: 15, output: 75, cacheRead: 1.5 }
const sonnet4 = { input: 3, output: 15, cacheRead: 0.3 }

/**
 * Anthropic's list prices as of October 2026, without batch, fast mode or server tools:
 * platform.claude.com/docs/en/about-claude/pricing.
 */
const prices: Readonly<Record<string, Price>> = {
  'fable-5-1': { input: 10, output: 50, cacheRead: 0.25 },
  'fable-5': { input: 10, output: 50, cacheRead: 1 },
  'opus-5-5': { input: 4, output: 20, cacheRead: 0.2 },
  'opus-5': opus45to5,
  'opus-4-8': opus45to5,
  'opus-4-7': opus45to5,
  'opus-4-6': opus45to5,
  'opus-4-5': opus45to5,
  'opus-4-1': opus4,
  'opus-4': opus4,
  'sonnet-5-5': { input: 2, output: 10, cacheRead: 0.1 },
  'sonnet-5': { input: 2, output: 10, cacheRead: 0.2 },
  'sonnet-4-6': sonnet4,
  'sonnet-4-5': sonnet4,
  'sonnet-4': sonnet4,
  'haiku-5-5': { input: 0.1, output: 0.5, cacheRead: 0.01 },
  'haiku-4-5': { input: 1, output: 5, cacheRead: 0.1 },
}

/** Haiku 5.5 costs five times as much for longer prompts. */
const haikuBandTokens = 100_000

/** Millionths of a US dollar; null for a model without a known price. */
export function costMicros(model: string, tokens: PricedTokens): number | null {
  const family = familyOf(model)
  const price = prices[family]
  if (price === undefined) return null
  const { input, output, cacheRead, cacheWrite5m, cacheWrite1h } = tokens
  const prompt = input + cacheRead + cacheWrite5m + cacheWrite1h
  const band = family === 'haiku-5-5' && prompt > haikuBandTokens ? 5 : 1
  const inputs =
    price.input * (input + 1.25 * cacheWrite5m + 2 * cacheWrite1h) + price.cacheRead * cacheRead
  return Math.round(band * (inputs + price.output * output))
}

/** `opus-5-5` of `claude-opus-5-5-20261001[1m]` and of `anthropic/claude-opus-5-5`. */
const familyOf = (model: string): string =>
  model.replace(/^.*claude-/, '').replace(/(?:-\d{8}|-latest)?(?:\[\w+\])?$/, '')
