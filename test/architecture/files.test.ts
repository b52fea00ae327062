import { describe, expect, it } from 'vitest'
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
    const long = files.filter(
      ({ path, text }) => lengthOf(text) > longest && longerFor[path] === undefined,
    )
    expect(long.map(({ path, text }) => `${path}: ${lengthOf(text)} lines`)).toEqual([])
  })

  it('is excused only while it needs to be', () => {
    const excused = Object.keys(longerFor)
    expect(
      excused.filter(
        (excuse) => !files.some(({ path, text }) => path === excuse && lengthOf(text) > longest),
      ),
    ).toEqual([])
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
