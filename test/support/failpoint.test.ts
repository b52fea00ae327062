import { describe, expect, it } from 'vitest'
import { parseFailpoint, withFailpoint } from './failpoint.ts'

const port = () => ({
  path: '/x',
  now: (text: string) => `${text}!`,
  later: (text: string) => Promise.resolve(`${text}!`),
})

function armed(text: string) {
  const deaths: string[] = []
  const said: string[] = []
  const target = { ...port(), now: (word: string) => said.push(word) }
  return {
    deaths,
    said,
    port: withFailpoint(
      'store',
      target,
      parseFailpoint(text),
      () => void deaths.push(`after ${said.join(' ')}`),
    ),
  }
}

describe('a failpoint', () => {
  it('leaves the ports alone that it does not name', () => {
    const target = port()
    expect(withFailpoint('store', target, parseFailpoint('runtime.watch.before'))).toBe(target)
  })

  it('kills the process before the call or after it, at the given count', () => {
    const before = armed('store.now.before@2')
    for (const word of ['one', 'two', 'three']) before.port.now(word)
    expect(before.deaths).toEqual(['after one'])
    const after = armed('store.now.after@2')
    for (const word of ['one', 'two', 'three']) after.port.now(word)
    expect(after.deaths).toEqual(['after one two'])
  })

  it('waits until the promise of the call has settled', async () => {
    const { port: target, deaths } = armed('store.later.after')
    const promise = target.later('one')
    expect(deaths).toHaveLength(0)
    expect(await promise).toBe('one!')
    expect(deaths).toHaveLength(1)
  })

  it('is refused with an example when it is malformed', () => {
    expect(() => parseFailpoint('')).toThrow('for example store.commit.after@3')
    expect(() => parseFailpoint('store.commit')).toThrow('for example store.commit.after@3')
  })
})
