import { describe, expect, it } from 'vitest'
import { Uploads } from './uploads.ts'

const limits = { uploadBytes: 20, unnoticedBytes: 50, countedHosts: 3 }

function counting() {
  const noticed: (readonly [string, number])[] = []
  const uploads = new Uploads(limits, (host, bytes) => void noticed.push([host, bytes]))
  return { noticed, uploads }
}

describe('what an instance sends', () => {
  it('to one host is reported once', () => {
    const { noticed, uploads } = counting()
    for (const bytes of [20, 1, 500]) uploads.add('a', bytes)
    expect(noticed).toEqual([['a', 21]])
  })

  it('to many hosts, little to each, is reported once', () => {
    const { noticed, uploads } = counting()
    for (const host of ['a', 'b', 'c']) uploads.add(host, 20)
    for (const host of ['a', 'b', 'c']) uploads.add(host, 1)
    expect(noticed).toEqual([
      ['many hosts together', 60],
      ['a', 21],
      ['b', 21],
      ['c', 21],
    ])
  })

  it('to hosts beyond those that are counted apart is reported as one', () => {
    const { noticed, uploads } = counting()
    for (const host of ['a', 'b', 'c', 'd', 'e']) uploads.add(host, 5)
    uploads.add('f', 11)
    expect(noticed).toEqual([['other hosts', 21]])
  })
})
