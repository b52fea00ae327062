import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { replaceTarballAddresses } from './tarball-addresses.ts'

const ours = 'http://127.0.0.1:7700/registry/npm/'
const rewrite = (chunks: readonly string[], registry = 'https://registry.example/npm/') =>
  text(
    Readable.from(chunks.map((chunk) => Buffer.from(chunk))).pipe(
      replaceTarballAddresses(new URL(registry), ours),
    ),
  )

describe('the address of a tarball', () => {
  it.each([
    ['"tarball":"https://registry.example/npm/a/-/a-1.tgz"'],
    ['"tarball" : "https://registry.example/npm/a/-/a-1.tgz"'],
    ['"tarball":\n  "http://registry.example/npm/a/-/a-1.tgz"'],
    [String.raw`"tarball":"https:\/\/registry.example\/npm\/a/-/a-1.tgz"`],
  ])('%s becomes ours', async (metadata) => {
    const rewritten = JSON.parse(await rewrite([`{${metadata}}`])) as unknown
    expect(rewritten).toEqual({ tarball: `${ours}a/-/a-1.tgz` })
  })

  it.each([
    '{"tarball":"https://other.example/npm/a.tgz"}',
    '{"tarball":"https://registry.example.evil.example/npm/a.tgz"}',
    '{"tarball":"https://registryxexample/npm/a.tgz"}',
    '{"homepage":"https://registry.example/npm/a"}',
    JSON.stringify({ readme: '"tarball":"https://registry.example/npm/a.tgz"' }),
  ])('%s stays', async (metadata) => expect(await rewrite([metadata])).toBe(metadata))

  it('becomes ours wherever the stream is cut, and the rest stays', async () => {
    const versions = ['1.0.0', '2.0.0'].map((version) => ({
      dist: { tarball: `https://registry.example/npm/ü/-/ü-${version}.tgz`, shasum: 'ü' },
    }))
    const whole = JSON.stringify({ versions })
    const expected = whole.replaceAll('https://registry.example/npm/', ours)
    const cuts = fc.array(fc.nat(whole.length), { maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(cuts, async (positions) => {
        const sorted = [0, ...positions.sort((a, b) => a - b), whole.length]
        const chunks = sorted.map((from, index) => whole.slice(from, sorted[index + 1]))
        expect(await rewrite(chunks)).toBe(expected)
      }),
    )
  })
})
