import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { renderPrometheus } from './prometheus.ts'

const gauge = { name: 'things', type: 'gauge', help: 'Things.' } as const

describe('an exposition', () => {
  it('says of each metric what it is, then its samples', () => {
    expect(
      renderPrometheus([
        { ...gauge, samples: [{ labels: { kind: 'red', size: 's' }, value: 1.5 }, { value: 2 }] },
        { name: 'sent_total', type: 'counter', help: 'Sent.', samples: [{ value: 0 }] },
      ]),
    ).toBe(
      [
        '# HELP things Things.',
        '# TYPE things gauge',
        'things{kind="red",size="s"} 1.5',
        'things 2',
        '# HELP sent_total Sent.',
        '# TYPE sent_total counter',
        'sent_total 0',
        '',
      ].join('\n'),
    )
  })

  it('leaves out a metric without samples', () => {
    expect(renderPrometheus([{ ...gauge, samples: [] }])).toBe('')
  })

  it('escapes what would end a label or a line', () => {
    const text = renderPrometheus([
      { ...gauge, help: 'a\\b\n"c"', samples: [{ labels: { kind: 'a"b\\c\nd} 1' }, value: 1 }] },
    ])
    expect(text).toContain('# HELP things a\\\\b\\n"c"\n')
    expect(text).toContain('things{kind="a\\"b\\\\c\\nd} 1"} 1\n')
  })

  it.each([
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
    [Number.NaN, 'NaN'],
    [1e21, '1e+21'],
  ])('writes %d as %s', (value, numeral) => {
    expect(renderPrometheus([{ ...gauge, samples: [{ value }] }])).toContain(`things ${numeral}\n`)
  })

  it('has three lines for one sample whatever its label holds, and the label reads back', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('"', '\\', '\n', '{', '}', ',', '=', 'a', 'é') }),
        (kind) => {
          const lines = renderPrometheus([
            { ...gauge, samples: [{ labels: { kind }, value: 1 }] },
          ]).split('\n')
          expect(lines).toHaveLength(4)
          const written = /^things\{kind="((?:[^"\\]|\\["\\n])*)"\} 1$/.exec(lines[2] ?? '')?.[1]
          expect(
            written?.replace(/\\(.)/g, (_, character: string) =>
              character === 'n' ? '\n' : character,
            ),
          ).toBe(kind)
        },
      ),
    )
  })
})
