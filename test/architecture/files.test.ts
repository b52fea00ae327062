import { describe, expect, it } from 'vitest'
import { busy, long, waiting } from '../support/running-order.ts'
import { readSources } from './sources.ts'

/** Files that may be longer, each with the reason. */
const longerFor: Readonly<Record<string, string>> = {
  'src/core/model/draft.ts': 'three short methods for each noun, all alike',
}

const longest = 250
const files = ['src', 'test', 'docker'].flatMap((folder) => readSources(folder, /\.(?:ts|js|sh)$/))
const lengthOf = (text: string): number => text.trimEnd().split('\n').length

describe('a file', () => {
  it(`has at most ${longest} lines`, () => {
    const tooLong = files.filter(
      ({ path, text }) => lengthOf(text) > longest && longerFor[path] === undefined,
    )
    expect(tooLong.map(({ path, text }) => `${path}: ${lengthOf(text)} lines`)).toEqual([])
  })

  it('is excused only while it needs to be', () => {
    const excused = Object.keys(longerFor)
    expect(
      excused.filter(
        (excuse) => !files.some(({ path, text }) => path === excuse && lengthOf(text) > longest),
      ),
    ).toEqual([])
  })

  it('has its place in the running order under the name that it has', () => {
    const named = [...waiting, ...busy, ...long].map((name) => `test/${name}.test.ts`)
    const paths = new Set(files.map(({ path }) => path))
    expect(named.filter((path) => !paths.has(path))).toEqual([])
  })

  it('is named after its idea', () => {
    expect(
      files
        .map(({ path }) => path)
        .filter((path) =>
          /\/(?:utils?|helpers?|services?|types|common|misc|index)\.ts$/.test(path),
        ),
    ).toEqual([])
  })
})
