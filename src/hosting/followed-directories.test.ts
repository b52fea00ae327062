import { mkdir, mkdtemp, realpath, rename, rm, unlink, writeFile } from 'node:fs/promises'
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FollowedDirectories } from './followed-directories.ts'
import type { UntrustedDirectory } from './untrusted-file.ts'

const meaning = {
  isWanted: (name: string) => name.endsWith('.txt'),
  limit: 100,
  read: (files: readonly { readonly text: string }[]) =>
    files.length === 0
      ? null
      : files
          .map(({ text }) => text)
          .toSorted()
          .join(),
}

const at = (root: string): UntrustedDirectory => ({ root, below: '', uid: process.getuid?.() ?? 0 })

describe('a directory that is followed', () => {
  let directory: string
  let reported: (string | null)[]
  let followed: FollowedDirectories<string, string>
  const write = async (name: string, text: string): Promise<void> => {
    await writeFile(join(directory, 'draft'), text)
    await rename(join(directory, 'draft'), join(directory, name))
  }
  const untilHeard = (value: string | null) =>
    vi.waitFor(() => expect(reported.at(-1)).toBe(value), { timeout: 50_000, interval: 5 })

  beforeEach(async () => {
    directory = await realpath(await mkdtemp(join(tmpdir(), 'followed-')))
    reported = []
    followed = new FollowedDirectories((_key, value) => reported.push(value))
  })
  afterEach(async () => {
    followed[Symbol.dispose]()
    await rm(directory, { recursive: true, force: true })
  })

  it('says what it holds already, and each change once', async () => {
    await write('a.txt', 'one')
    await followed.follow('key', at(directory), meaning)
    expect(followed.get('key')).toBe('one')
    await write('a.txt', 'two')
    await untilHeard('two')
    await write('unwanted', 'x')
    await write('b.txt', 'three')
    await untilHeard('three,two')
    await unlink(join(directory, 'a.txt'))
    await unlink(join(directory, 'b.txt'))
    await untilHeard(null)
    expect(reported.filter((value, index) => value === reported[index - 1])).toEqual([])
  })

  it('says nothing once it is not followed any more', async () => {
    await followed.follow('key', at(directory), meaning)
    followed.unfollow('key')
    await write('a.txt', 'one')
    await followed.follow('other', at(directory), meaning)
    expect(reported).toEqual(['one'])
    expect(followed.get('key')).toBeNull()
  })

  it('is found at a look when another one has taken its place, or it was absent', async () => {
    await write('a.txt', 'one')
    await followed.follow('key', at(directory), meaning)
    const former = `${directory}-former`
    const untilSeen = (value: string | null) =>
      vi.waitFor(async () => {
        await followed.look('key')
        expect(followed.get('key')).toBe(value)
      })
    await rename(directory, former)
    await untilSeen(null)
    await mkdir(directory)
    await write('a.txt', 'two')
    await untilSeen('two')
    await rm(former, { recursive: true })
  })

  it('keeps no look waiting while it changes all the time', async () => {
    let [readings, isOver] = [0, false]
    const read = (): string => {
      readings += 1
      if (!isOver) writeFileSync(join(directory, 'a.txt'), String(readings))
      return ''
    }
    await followed.follow('key', at(directory), { ...meaning, read })
    const before = readings
    await vi.waitFor(() => expect(readings).toBeGreaterThan(before + 10), { timeout: 50_000 })
    await followed.look('key')
    expect(followed.get('key')).toBe('')
    isOver = true
  })

  it('says nothing when it is not there', async () => {
    await followed.follow('key', at(join(directory, 'absent')), meaning)
    expect(followed.get('key')).toBeNull()
  })
})
