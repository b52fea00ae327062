import { describe, expect, it } from 'vitest'
import { parsePatches, type Hunk } from './hunks.ts'
import { lostHunks } from './lost-hunks.ts'

const hunk = (
  from: number,
  removed: readonly string[],
  at: number,
  added: readonly string[],
): Hunk => ({
  from,
  removed,
  at,
  added,
})
const nothing = { own: [], since: [], kept: [], baseLines: ['a', 'b', 'c', 'd'] }

describe('a hunk of others', () => {
  const changed = hunk(1, ['b'], 1, ['B'])
  const inserted = hunk(2, [], 2, ['import x'])

  it('is kept while the report leaves it alone', () => {
    expect(lostHunks({ ...nothing, theirs: [changed, inserted] })).toEqual([])
  })

  it('is lost where the report reads as the base does', () => {
    const since = [hunk(1, ['B'], 1, ['b'])]
    expect(lostHunks({ ...nothing, theirs: [changed], since })).toEqual([changed])
  })

  it('is lost beside a line that the worker changed or inserted', () => {
    const since = [hunk(1, ['B', 'c'], 1, ['b', 'mine'])]
    const beside = [hunk(2, ['c'], 2, ['mine'])]
    expect(lostHunks({ ...nothing, theirs: [changed], since, kept: beside })).toEqual([changed])
    const behind = [hunk(2, [], 2, ['mine'])]
    expect(lostHunks({ ...nothing, theirs: [changed], since, kept: behind })).toEqual([changed])
  })

  it('is merged where the report reads in a third way', () => {
    const since = [hunk(1, ['B'], 1, ['both'])]
    const kept = [hunk(1, ['b'], 1, ['both'])]
    expect(lostHunks({ ...nothing, theirs: [changed], since, kept })).toEqual([])
  })

  it('of inserted lines is lost when another line is inserted in their place', () => {
    const since = [hunk(2, ['import x'], 2, ['import y'])]
    const kept = [hunk(2, [], 2, ['import y'])]
    expect(
      lostHunks({ ...nothing, baseLines: ['import a'], theirs: [inserted], since, kept }),
    ).toEqual([inserted])
  })

  it('of inserted lines is merged when the report writes them in another way', () => {
    const since = [hunk(2, ['import x'], 2, ['import  x from y'])]
    const kept = [hunk(2, [], 2, ['import  x from y'])]
    expect(
      lostHunks({ ...nothing, baseLines: ['import a'], theirs: [inserted], since, kept }),
    ).toEqual([])
  })

  it("is lost where the report reads as the worker's own change of the same lines", () => {
    const own = [hunk(1, ['b'], 1, ['mine'])]
    const since = [hunk(1, ['B'], 1, ['mine'])]
    expect(lostHunks({ ...nothing, theirs: [changed], own, since })).toEqual([changed])
  })

  it('also where the own change has another number of lines, is lost as well', () => {
    const own = [hunk(1, ['b'], 1, ['mine', 'too'])]
    const since = [hunk(1, ['B'], 1, ['mine', 'too'])]
    const kept = [hunk(4, ['d'], 4, ['elsewhere'])]
    expect(lostHunks({ ...nothing, theirs: [changed], own, since, kept })).toEqual([changed])
    const merged = [hunk(2, ['too'], 2, ['merged'])]
    expect(lostHunks({ ...nothing, theirs: [changed], own, since, kept: merged })).toEqual([])
  })

  it("is kept where the worker's own change contains it", () => {
    const own = [hunk(1, ['b'], 1, ['B', 'mine'])]
    const since = [hunk(2, [], 2, ['mine'])]
    expect(lostHunks({ ...nothing, theirs: [changed], own, since })).toEqual([])
  })

  it('that removed lines is lost when they are back', () => {
    const removed = hunk(1, ['b'], 1, [])
    const since = [hunk(1, [], 1, ['b'])]
    expect(lostHunks({ ...nothing, theirs: [removed], since })).toEqual([removed])
    expect(lostHunks({ ...nothing, theirs: [removed] })).toEqual([])
  })
})

describe('the differences of pairs of trees', () => {
  const [one, two] = ['a'.repeat(40), 'b'.repeat(40)]

  it('are read with their lines, which may look like headers', () => {
    const text = [
      `${one} ${two}`,
      'diff --git a/0 b/0',
      'index 1..2 100644',
      '--- a/0',
      '+++ b/0',
      '@@ -2 +1,0 @@',
      '--- a/1',
      '@@ -4,0 +4,2 @@ function',
      '+++ b/1',
      '+last',
      '\\ No newline at end of file',
      `${two} ${one}`,
      'diff --git a/1 b/1',
      'Binary files a/1 and b/1 differ',
      '',
    ].join('\n')
    const [first, second] = parsePatches(text)
    expect(first?.get('0')).toEqual([
      { from: 1, removed: ['-- a/1'], at: 1, added: [] },
      { from: 4, removed: [], at: 3, added: ['++ b/1', 'last'] },
    ])
    expect(second?.get('1')).toBeNull()
  })
})
