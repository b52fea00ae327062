import { describe, expect, it } from 'vitest'
import { changesSince } from './comparison.ts'
import { rowOf, rowOfPairs } from './row.ts'
import { tableOf } from './table.ts'

const atMost = { of: 'ratio', most: 1.5 } as const
const pairs = [
  { product: 30, raw: 10 },
  { product: 12, raw: 10 },
  { product: 26, raw: 20 },
]

describe('a row', () => {
  it('has the medians of its rounds, and the median of their ratios', () => {
    expect(rowOfPairs('a', pairs, atMost)).toEqual({
      path: 'a',
      product: 26,
      raw: 10,
      ratio: 1.3,
      spread: [1.2, 3],
      goal: '≤ 1.5 ×',
      met: true,
    })
  })

  it.each([
    [{ of: 'ratio', most: 1.3 }, true],
    [{ of: 'ratio', most: 1.2 }, false],
    [{ of: 'ratio', least: 1.4 }, false],
    [{ of: 'product', most: 26 }, true],
    [{ of: 'product', most: 25 }, false],
  ] as const)('with the goal %o: %s', (goal, met) => {
    expect(rowOfPairs('a', pairs, goal).met).toBe(met)
  })

  it('without a figure is neither met nor missed', () => {
    expect(rowOf('a', [], { of: 'product', most: 80 })).toEqual({
      path: 'a',
      product: null,
      raw: null,
      ratio: null,
      spread: null,
      goal: '≤ 80',
      met: null,
    })
  })
})

describe('the table', () => {
  it('shows what was measured, missed and not measured', () => {
    const missed = rowOfPairs('handoff, ms', pairs.slice(0, 1), atMost)
    const processes = rowOf('processes', [], { of: 'product', most: 80 })
    const lines = tableOf([missed, processes, rowOf('tokens', [368, 350, 371], null)])
    expect(lines.map((line) => line.split(/ {2,}/))).toEqual([
      ['path', 'product', 'raw', 'ratio', 'spread', 'goal', 'met'],
      expect.anything(),
      ['handoff, ms', '30', '10', '3 ×', '3 to 3', '≤ 1.5 ×', 'NO'],
      ['processes', 'not measured', '–', '–', '–', '≤ 80', '–'],
      ['tokens', '368', '–', '–', '350 to 371', '–', '–'],
    ])
  })
})

describe('the comparison with an earlier table', () => {
  const before = [rowOfPairs('a', [{ product: 14, raw: 10 }], atMost)]
  const after = (product: number) => [rowOfPairs('a', [{ product, raw: 10 }], atMost)]

  it('passes over noise', () => {
    expect(changesSince(before, after(13))).toEqual([])
  })

  it('names a path that got worse, and one that got better', () => {
    expect(changesSince(before, after(28))).toEqual(['a: 1.4 → 2.8, now missed'])
    expect(changesSince(after(28), before)).toEqual(['a: 2.8 → 1.4, now met'])
  })

  it('names a goal that is missed by little', () => {
    expect(changesSince(before, after(15.5))).toEqual(['a: 1.4 → 1.55, now missed'])
  })

  it('compares figures that have nothing beside them', () => {
    const of = (figure: number) => [rowOf('b', [figure], null)]
    expect(changesSince(of(100), of(150))).toEqual(['b: 100 → 150'])
    expect(changesSince(of(100), of(110))).toEqual([])
  })

  it('compares the figures when one of the tables lacks the ratio', () => {
    const alone = [rowOf('a', [28], null)]
    expect(changesSince(before, alone)).toEqual(['a: 14 → 28'])
  })

  it('passes over a path that one of the tables lacks', () => {
    expect(changesSince([], before)).toEqual([])
    expect(changesSince(of('measured'), of('not measured'))).toEqual([])
  })

  function of(which: 'measured' | 'not measured') {
    return [rowOf('c', which === 'measured' ? [1] : [], null)]
  }
})
