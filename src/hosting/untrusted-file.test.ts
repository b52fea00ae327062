import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readAllUntrusted, readUntrusted } from './untrusted-file.ts'

const anotherUser = (process.getuid?.() ?? 0) + 1

describe('a file that something hostile may have written', () => {
  let root: string
  const at = (...names: string[]) => join(root, ...names)
  const within = (below: string) => ({ root, below, uid: process.getuid?.() ?? 0 })

  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'untrusted-')))
    await mkdir(at('theirs'))
    await mkdir(at('ours'))
    await writeFile(at('ours', 'secret'), 'secret')
  })
  afterEach(() => rm(root, { recursive: true, force: true }))

  it('is read up to a limit', async () => {
    await writeFile(at('theirs', 'a'), 'abcdef')
    expect(await readUntrusted(within('theirs'), 'a', 6)).toMatchObject({
      text: 'abcdef',
      isWhole: true,
    })
    expect(await readUntrusted(within('theirs'), 'a', 5)).toMatchObject({
      text: 'abcde',
      isWhole: false,
    })
  })

  it('is not there when it is absent, a directory, or a pipe that would never answer', async () => {
    await mkdir(at('theirs', 'directory'))
    execFileSync('mkfifo', [at('theirs', 'pipe')])
    for (const name of ['absent', 'directory', 'pipe'])
      expect(await readUntrusted(within('theirs'), name, 10)).toBeNull()
  })

  it('is not there when it is a link, or is reached by one', async () => {
    await symlink(at('ours', 'secret'), at('theirs', 'link'))
    await symlink(at('ours'), at('theirs', 'folder'))
    expect(await readUntrusted(within('theirs'), 'link', 10)).toBeNull()
    expect(await readUntrusted(within('theirs/folder'), 'secret', 10)).toBeNull()
    expect(await readAllUntrusted(within('theirs/folder'), () => true, 10)).toEqual([])
  })

  it('is not there when it belongs to another user', async () => {
    await writeFile(at('theirs', 'a'), 'text')
    const [mine, others] = [within('theirs'), { ...within('theirs'), uid: anotherUser }]
    expect(await readUntrusted(mine, 'a', 10)).not.toBeNull()
    expect(await readUntrusted(others, 'a', 10)).toBeNull()
    expect(await readAllUntrusted(others, () => true, 10)).toEqual([])
  })

  it('is one of few, however many there are', async () => {
    await Promise.all(
      Array.from({ length: 100 }, (_, index) => writeFile(at('theirs', String(index)), 'x')),
    )
    expect((await readAllUntrusted(within('theirs'), () => true, 10)).length).toBeLessThan(50)
  })
})
