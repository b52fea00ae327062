import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LentCredentialFiles } from './lent-credential-file.ts'

const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
const patience = { timeout: 50_000, interval: 5 }

describe('a file that is lent', () => {
  let root: string
  let files: LentCredentialFiles<string, string>
  const open = () =>
    new LentCredentialFiles<string, string>({
      root,
      folder: 'home/.claude',
      name: 'it',
      limit: 100,
      owner,
    })
  const at = (...names: string[]) => join(root, 'bob', ...names)
  const change = async (text: string): Promise<void> => {
    await writeFile(at('home/.claude/draft'), text)
    await rename(at('home/.claude/draft'), at('home/.claude/it'))
  }

  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'lent-')))
    await mkdir(at('home/.claude'), { recursive: true })
    files = open()
  })
  afterEach(async () => {
    await files.take('bob')
    await rm(root, { recursive: true, force: true })
  })

  it('is the borrower’s alone, and taken back as it is by then', async () => {
    await files.place('bob', { id: 'book', text: 'one' })
    expect((await stat(at('home/.claude/it'))).mode & 0o777).toBe(0o600)
    expect(await files.borrowersOf('book')).toEqual(['bob'])
    await change('two')
    expect(await files.look('bob')).toEqual({ id: 'book', text: 'two' })
    expect(await files.take('bob')).toEqual({ id: 'book', text: 'two' })
    expect(await files.look('bob')).toBeNull()
    expect(await files.borrowersOf('book')).toEqual([])
    expect(await readdir(at())).toEqual(['home'])
    expect(await readdir(at('home/.claude'))).toEqual([])
  })

  it('reports every version, also to a watcher after a restart', async () => {
    const reported: string[] = []
    files.watch((key, { id, text }) => reported.push(`${key} ${id} ${text}`))
    await files.place('bob', { id: 'book', text: 'one' })
    await change('two')
    await vi.waitFor(() => expect(reported).toEqual(['bob book one', 'bob book two']), patience)

    const next = open()
    next.watch((key, { id, text }) => reported.push(`${key} ${id} ${text} again`))
    await next.follow('bob')
    await vi.waitFor(() => expect(reported.at(-1)).toBe('bob book two again'), patience)
    await next.take('bob')
  })

  it('is known by what was lent: a borrower of nothing can return nothing', async () => {
    const reported: string[] = []
    files.watch((_, { text }) => reported.push(text))
    await change('forged')
    await files.follow('bob')
    expect(await files.look('bob')).toBeNull()
    expect(await files.take('bob')).toBeNull()
    expect(await readdir(at('home/.claude'))).toEqual([])
    expect(reported).toEqual([])
  })

  it.each([
    ['a link to a file of ours', () => symlink(join(root, 'precious'), at('home/.claude/it'))],
    ['a directory', () => mkdir(at('home/.claude/it/x'), { recursive: true })],
    ['more than there may be', () => writeFile(at('home/.claude/it'), 'x'.repeat(101))],
  ])('is gone when %s is in its place', async (_, forge) => {
    await writeFile(join(root, 'precious'), 'precious')
    await files.place('bob', { id: 'book', text: 'one' })
    await rm(at('home/.claude/it'))
    await forge()
    expect(await files.look('bob')).toBeNull()
    expect(await files.take('bob')).toBeNull()
    expect(await readFile(join(root, 'precious'), 'utf8')).toBe('precious')
    expect(await readdir(at('home/.claude'))).toEqual([])
  })

  it('is not put where a link in the place of its directory leads', async () => {
    await mkdir(join(root, 'elsewhere'))
    await rm(at('home/.claude'), { recursive: true })
    await symlink(join(root, 'elsewhere'), at('home/.claude'))
    await expect(files.place('bob', { id: 'book', text: 'one' })).rejects.toThrow(
      'cannot be put there',
    )
    expect(await files.take('bob')).toBeNull()
    expect(await readdir(join(root, 'elsewhere'))).toEqual([])
  })
})
