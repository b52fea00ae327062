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
import { ensureDirectory, placeFile } from './owned-file.ts'

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
