import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { giveAway, runUnprivileged, unprivileged } from '../../test/support/unprivileged.ts'

const modes = ['000', '500']

/** Under a server that is not root, an instance is the server's own user. */
describe('rights that an instance takes from the user of its server', () => {
  let root: string
  const at = (...names: string[]) => join(root, ...names)
  const as = JSON.stringify(unprivileged)
  const quoted = (...names: string[]) => JSON.stringify(at(...names))
  const call = (file: string, statements: string) =>
    runUnprivileged(new URL(file, import.meta.url), statements)

  /** What the launch logs. */
  const launch = () =>
    call(
      './fresh-home.ts',
      `result = []
      await module.freshHome(
        ${quoted()},
        ${as},
        [
          { folder: '.claude', kind: 'directory', isKept: (name) => name === 'projects' },
          { folder: '.claude', kind: 'file', isKept: (name) => name === '.credentials.json' },
          { folder: '.orchestrator/outbox', kind: 'file', isKept: (name) => name.endsWith('.json') },
        ],
        (what) => result.push(what),
      )`,
    )
  const files = async () => (await readdir(at('home'), { recursive: true })).toSorted()
  const modeOf = async (path: string) => (await lstat(path)).mode & 0o777

  const whatIsKept = [
    '.claude',
    '.claude/.credentials.json',
    '.claude/projects',
    '.claude/projects/a.jsonl',
    '.orchestrator',
    '.orchestrator/outbox',
    '.orchestrator/outbox/1.json',
  ]

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'rights-'))
    await mkdir(at('home/.claude/projects'), { recursive: true })
    await mkdir(at('home/.orchestrator/outbox'), { recursive: true })
    await writeFile(at('home/.claude/projects/a.jsonl'), 'said')
    await writeFile(at('home/.claude/.credentials.json'), 'login')
    await writeFile(at('home/.orchestrator/outbox/1.json'), 'hook')
    await writeFile(at('home/.bashrc'), 'touch ran')
    await giveAway(root)
  })
  afterEach(() => rm(root, { recursive: true, force: true }))

  const folders = ['', '.claude', '.claude/projects', '.orchestrator', '.orchestrator/outbox']
  it.each(folders.flatMap((folder) => modes.map((mode) => ({ folder, mode }))))(
    'cost a launch nothing: $mode of "$folder"',
    async ({ folder, mode }) => {
      await chmod(at('home', folder), mode)
      expect(await launch()).toEqual([])
      expect(await files()).toEqual(whatIsKept)
      expect(await readdir(root)).toEqual(['home'])
    },
  )

  it('cost nothing where they stopped an earlier launch', async () => {
    await chmod(at('home/.claude/projects'), 0o500)
    await rename(at('home'), at('home.former'))
    await mkdir(at('home/.claude'), { recursive: true })
    await giveAway(at('home'))
    expect(await launch()).toEqual([])
    expect(await files()).toEqual(whatIsKept)
    expect(await readdir(root)).toEqual(['home'])
  })

  it('stay as they are behind a link', async () => {
    await mkdir(at('precious/projects'), { recursive: true })
    await giveAway(at('precious'))
    for (const name of ['precious/projects', 'precious']) await chmod(at(name), 0o500)
    await rm(at('home/.claude'), { recursive: true })
    await symlink(at('precious'), at('home/.claude'))
    await rm(at('home/.orchestrator/outbox'), { recursive: true })
    await symlink(at('precious/projects'), at('home/.orchestrator/outbox'))
    expect(await launch()).toEqual([])
    expect(await files()).toEqual([])
    expect(await modeOf(at('precious'))).toBe(0o500)
    expect(await modeOf(at('precious/projects'))).toBe(0o500)
  })

  it('come back with a directory that must be there', async () => {
    await mkdir(at('workspace'))
    await giveAway(at('workspace'))
    await chmod(at('workspace'), 0)
    await call('./owned-file.ts', `await module.ensureDirectory(${quoted('workspace')}, ${as})`)
    expect(await modeOf(at('workspace'))).toBe(0o700)
  })

  it.each(modes)('come back on the way to such a directory: %s', async (mode) => {
    await chmod(at('home/.claude'), mode)
    const below = `{ root: ${quoted()}, below: 'home/.claude/sessions', uid: ${unprivileged.uid} }`
    await call('./owned-file.ts', `await module.ensureBelow(${below}, ${as})`)
    expect(await modeOf(at('home/.claude/sessions'))).toBe(0o700)
  })

  it.each(modes)('do not hold a login back: %s', async (mode) => {
    const terms = `{ root: ${quoted('..')}, folder: 'home/.claude', name: '.credentials.json',
      limit: 100, owner: ${as} }`
    const key = JSON.stringify(root.split('/').at(-1))
    const [place, take] = [
      `await files.place(${key}, { id: 'alice', text: 'a' })`,
      `files.take(${key})`,
    ]
    const close = `await fs.chmod(${quoted('home/.claude')}, '${mode}')`
    const taken = await call(
      './lent-credential-file.ts',
      `const files = new module.LentCredentialFiles(${terms})
      ${close}; ${place}; ${close}; result = [await files.look(${key}), await ${take}]`,
    )
    expect(taken).toEqual([
      { id: 'alice', text: 'a' },
      { id: 'alice', text: 'a' },
    ])
  })

  it.runIf(process.getuid?.() === 0)(
    'never stop a launch: what is beyond help is dropped',
    async () => {
      await mkdir(at('home/.claude/projects/of-root'))
      await writeFile(at('home/.claude/projects/of-root/a'), '')
      await chown(at('home/.claude/projects'), 0, 0)
      const [dropped, left] = (await launch()) as string[]
      expect(dropped).toContain('.claude/projects')
      expect(left).toContain('home.former')
      expect(await files()).toEqual(whatIsKept.filter((name) => !name.includes('projects')))
      expect(await readdir(root)).not.toContain('home.former')
      await writeFile(at('home/.bashrc'), 'touch ran')
      expect(await launch()).toEqual([])
      expect(await files()).toEqual(whatIsKept.filter((name) => !name.includes('projects')))
    },
  )
})
