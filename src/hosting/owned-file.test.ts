import {
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ensureBelow, ensureDirectory, placeFile } from './owned-file.ts'

const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }

describe('what the server lays out for an instance', () => {
  let root: string
  const at = (...names: string[]) => join(root, ...names)

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'owned-'))
  })
  afterEach(() => rm(root, { recursive: true, force: true }))

  it('is readable only by its owner', async () => {
    await ensureDirectory(at('home'), owner)
    await ensureDirectory(at('home'), owner)
    await placeFile(at('home', 'a'), 'text', { staging: root, owner })
    expect((await stat(at('home'))).mode & 0o777).toBe(0o700)
    expect((await stat(at('home', 'a'))).mode & 0o777).toBe(0o600)
  })

  it('replaces a link instead of following it', async () => {
    await writeFile(at('precious'), 'precious')
    await ensureDirectory(at('home'), owner)
    await symlink(at('precious'), at('home', 'a'))
    await placeFile(at('home', 'a'), 'text', { staging: root, owner })
    expect(await readFile(at('precious'), 'utf8')).toBe('precious')
    expect((await lstat(at('home', 'a'))).isFile()).toBe(true)
  })

  it('replaces a directory that lies in the way, with all that is in it', async () => {
    await writeFile(at('precious'), 'precious')
    await ensureDirectory(at('home'), owner)
    await mkdir(at('home', 'a', 'deep'), { recursive: true })
    await symlink(at('precious'), at('home', 'a', 'link'))
    await placeFile(at('home', 'a'), 'text', { staging: root, owner })
    expect(await readFile(at('home', 'a'), 'utf8')).toBe('text')
    expect(await readFile(at('precious'), 'utf8')).toBe('precious')
    expect(await readdir(root)).toEqual(['home', 'precious'])
  })

  it('replaces a directory that lies in the way, however deep it is', async () => {
    await ensureDirectory(at('home'), owner)
    const before = process.cwd()
    process.chdir(at('home'))
    for (const name of ['a', ...Array<string>(1_200).fill('deep')]) {
      await mkdir(name)
      process.chdir(name)
    }
    process.chdir(before)
    await placeFile(at('home', 'a'), 'text', { staging: root, owner })
    expect(await readFile(at('home', 'a'), 'utf8')).toBe('text')
    expect(await readdir(root)).toEqual(['home'])
  })

  it('gets the missing parts of a way, and none beyond a link or a file', async () => {
    const below = (path: string) => ({ root, below: path, uid: owner.uid })
    await ensureBelow(below('home/.claude/sessions'), owner)
    expect((await stat(at('home/.claude/sessions'))).mode & 0o777).toBe(0o700)
    await mkdir(at('precious'))
    await symlink(at('precious'), at('home', 'link'))
    await writeFile(at('home', 'file'), '')
    await ensureBelow(below('home/link/sessions'), owner)
    await ensureBelow(below('home/file/sessions'), owner)
    expect(await readdir(at('precious'))).toEqual([])
  })

  it('is no directory that a link leads to', async () => {
    await mkdir(at('precious'), { mode: 0o755 })
    await symlink(at('precious'), at('home'))
    await expect(ensureDirectory(at('home'), owner)).rejects.toThrow('ENOTDIR')
    expect((await stat(at('precious'))).mode & 0o777).toBe(0o755)
  })

  it('leaves no draft behind when it cannot be placed', async () => {
    await expect(placeFile(at('absent', 'a'), 'text', { staging: root, owner })).rejects.toThrow(
      `writing ${at('absent', 'a')} failed`,
    )
    expect(await readdir(root)).toEqual([])
  })
})
