import { describe, expect, it } from 'vitest'
import { followChecks, newMarker } from './check-output.ts'

const commands = ['npm ci', 'npm test']
const marker = newMarker()
const announce = (position: number): string => `${marker}${position}\n`
const pushAll = (text: string, size: number) => {
  const seen: (number | null)[] = []
  const checks = followChecks(commands, marker, (position) => seen.push(position))
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) checks.push(bytes.subarray(at, at + size))
  return { checks, seen }
}

describe('the output of checks', () => {
  it('names each command before what it prints, however the output is cut', () => {
    const text = `${announce(0)}added 1\n${announce(1)}größer: 1 failed`
    for (const size of [1, 2, 7, 40, 1_000]) {
      expect(pushAll(text, size).checks.outcome(false)).toEqual({
        ok: false,
        position: 1,
        output: '$ npm ci\nadded 1\n$ npm test\ngrößer: 1 failed',
      })
    }
  })

  it('shows the output so far', () => {
    const seen: string[] = []
    const checks = followChecks(commands, marker, (_, output) => seen.push(output()))
    for (const chunk of [announce(0), 'added 1\n']) checks.push(Buffer.from(chunk))
    expect(seen).toEqual(['$ npm ci\n', '$ npm ci\nadded 1\n'])
  })

  it('finds a command after output that ends in the middle of a line', () => {
    const { checks } = pushAll(`${announce(0)}half${announce(1)}`, 3)
    expect(checks.outcome(true)).toEqual({ ok: true, output: '$ npm ci\nhalf$ npm test\n' })
  })

  it('reports each sign of life with the command that runs', () => {
    const { seen } = pushAll(`${announce(0)}${announce(1)}x`, 1_000)
    expect(seen).toEqual([1])
    expect(pushAll('Cloning', 1_000).seen).toEqual([null])
  })

  it('keeps what only resembles an announcement', () => {
    const text = `${announce(0)}${marker.slice(0, 9)}\u001e${marker}many digits\n`
    const output = pushAll(text, 5).checks.outcome(true).output
    expect(output).toContain('$ npm ci\n')
    expect(output.length).toBeLessThan(200)
  })

  it('is no verdict before a command began', () => {
    expect(() => pushAll('fatal: no hub\n', 100).checks.outcome(false)).toThrow(
      'the checks could not begin: fatal: no hub',
    )
  })
})
