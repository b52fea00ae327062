import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { freshHome, type Kept } from './fresh-home.ts'

const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
const kept: readonly Kept[] = [
  { folder: '.claude', kind: 'directory', isKept: (name) => name === 'projects' },
  { folder: '.orchestrator/outbox', kind: 'file', isKept: (name) => name.endsWith('.json') },
]

describe('the home of the next launch', () => {
  let root: string
  const at = (...names: string[]) => join(root, ...names)
  const make = () =>
    freshHome(root, owner, kept, (what) => {
      throw new Error(what)
    })
  const files = async () => (await readdir(at('home'), { recursive: true })).toSorted()

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'home-'))
    await mkdir(at('home/.claude/projects/-workspace'), { recursive: true })
    await mkdir(at('home/.orchestrator/outbox'), { recursive: true })
    await writeFile(at('home/.claude/projects/-workspace/a.jsonl'), 'said')
    await writeFile(at('home/.orchestrator/outbox/1.json'), 'hook')
  })
  afterEach(() => rm(root, { recursive: true, force: true }))

  const whatIsKept = [
    '.claude',
    '.claude/projects',
    '.claude/projects/-workspace',
    '.claude/projects/-workspace/a.jsonl',
    '.orchestrator',
    '.orchestrator/outbox',
    '.orchestrator/outbox/1.json',
  ]

  it('is empty at the first launch', async () => {
    await rm(at('home'), { recursive: true })
    await make()
    expect(await files()).toEqual([])
  })

  it('has nothing that runs commands of the launch before it', async () => {
    for (const name of ['.bashrc', '.gitconfig', '.claude.json', '.claude/settings.json'])
      await writeFile(at('home', name), 'touch ran')
    await make()
    expect(await files()).toEqual(whatIsKept)
    expect(await readdir(root)).toEqual(['home'])
    expect((await lstat(at('home'))).mode & 0o777).toBe(0o700)
  })

  it('has no directory where files are expected', async () => {
    await mkdir(at('home/.orchestrator/outbox/append.lock/full'), { recursive: true })
    await mkdir(at('home/.orchestrator/outbox/2.json/full'), { recursive: true })
    await make()
    expect(await files()).toEqual(whatIsKept)
  })

  it('takes over nothing through a link', async () => {
    await mkdir(at('precious/outbox'), { recursive: true })
    await writeFile(at('precious/outbox/3.json'), 'precious')
    await rm(at('home/.orchestrator'), { recursive: true })
    await symlink(at('precious'), at('home/.orchestrator'))
    await rm(at('home/.claude/projects'), { recursive: true })
    await symlink(at('precious'), at('home/.claude/projects'))
    await make()
    expect(await files()).toEqual(['.claude'])
    expect(await readFile(at('precious/outbox/3.json'), 'utf8')).toBe('precious')
  })

  it('goes on where a killed server stopped', async () => {
    await rename(at('home'), at('home.former'))
    await mkdir(at('home/.claude'), { recursive: true })
    await rename(at('home.former/.claude/projects'), at('home/.claude/projects'))
    await make()
    expect(await files()).toEqual(whatIsKept)
    expect(await readdir(root)).toEqual(['home'])
  })

  it('is made whatever depth and rights the former one has', async () => {
    const before = process.cwd()
    process.chdir(at('home'))
    for (let depth = 0; depth < 1_200; depth += 1) {
      await mkdir('deep')
      process.chdir('deep')
    }
    process.chdir(before)
    await mkdir(at('home/closed/inside'), { recursive: true })
    await chmod(at('home/closed'), 0)
    await make()
    expect(await files()).toEqual(whatIsKept)
    expect(await readdir(root)).toEqual(['home'])
  })
})
