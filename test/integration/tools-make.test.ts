import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { git, makeHub } from './tools-hub.ts'
import { runTool } from './tools-run.ts'

describe('a workspace that is made for a container', () => {
  let root: string
  let hub: string
  let workspace: string

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'make-'))
    workspace = join(root, 'workspace')
    hub = makeHub(root, { 'a.txt': 'one\n' })
  })

  afterEach(() => rmSync(root, { recursive: true, force: true }))

  const tool = (...args: readonly string[]) =>
    runTool('workspace', args, {
      ORCHESTRATOR_HUB: hub,
      ORCHESTRATOR_WORKSPACE: workspace,
      TARGET_BRANCH: 'main',
      HOME: root,
    })

  it('borrows the objects of the hub and cannot push', async () => {
    await tool('make')
    expect(readFileSync(join(workspace, '.git/objects/info/alternates'), 'utf8')).toBe(
      `${hub}/objects\n`,
    )
    expect(() => git(workspace, 'push', 'origin', 'main')).toThrow('takes-commits-in-by-itself')
  })

  it('replaces what a crash left of a clone', async () => {
    mkdirSync(join(workspace, '.making', '.git', 'objects'), { recursive: true })
    expect(await tool('make')).toMatchObject({ code: 0 })
    expect(git(workspace, 'status', '--porcelain')).toBe('')
    expect(existsSync(join(workspace, '.making'))).toBe(false)
  })

  it('finishes a checkout that a crash interrupted', async () => {
    await tool('make')
    for (const path of ['.git/index', '.git/checked-out', 'a.txt']) rmSync(join(workspace, path))
    writeFileSync(join(workspace, '.git', 'index.lock'), '')
    expect(await tool('make')).toMatchObject({ code: 0 })
    expect(git(workspace, 'status', '--porcelain')).toBe('')
  })

  it('goes on with a checkout: whole files stay, one that was cut short is written again', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 20 }, (_, n) => [`f ${n}.txt`, `text ${n}\n`]),
    )
    rmSync(hub, { recursive: true })
    rmSync(join(root, 'seed'), { recursive: true })
    makeHub(root, { ...files, '.gitattributes': '*.txt text eol=crlf\n' })
    await tool('make')
    const path = (name: string): string => join(workspace, name)
    for (const name of ['.git/index', '.git/checked-out']) rmSync(path(name))
    for (let n = 10; n < 20; n += 1) rmSync(path(`f ${n}.txt`))
    writeFileSync(path('f 9.txt'), 'te')
    const before = statSync(path('f 3.txt'))
    expect(await tool('make')).toMatchObject({ code: 0 })
    expect(statSync(path('f 3.txt'))).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs })
    for (const [name, text] of Object.entries(files))
      expect(readFileSync(path(name), 'utf8')).toBe(text.replace('\n', '\r\n'))
    expect(git(workspace, 'status', '--porcelain')).toBe('')
    expect(existsSync(path('.git/index-of-checkout'))).toBe(false)
  })

  it.each([
    ['removed', (index: string) => rmSync(index)],
    ['emptied', (index: string) => writeFileSync(index, '')],
    ['damaged', (index: string) => writeFileSync(index, 'DIRC of another kind\n'.repeat(9))],
  ])('keeps work when the index was %s after a checkout', async (_, harm) => {
    await tool('make')
    await tool('begin', 't')
    writeFileSync(join(workspace, 'a.txt'), 'half\n')
    writeFileSync(join(workspace, 'b.txt'), 'new\n')
    harm(join(workspace, '.git', 'index'))
    expect(await tool('make')).toMatchObject({ code: 0 })
    expect(readFileSync(join(workspace, 'a.txt'), 'utf8')).toBe('half\n')
    expect(git(workspace, 'status', '--porcelain')).toBe('M a.txt\n?? b.txt')
    expect(await tool('begin', 't2')).toMatchObject({ code: 0 })
    expect(git(workspace, 'show', 'backup/task/t-1:a.txt')).toBe('half')
  })

  it('leaves uncommitted work alone when it is there already', async () => {
    await tool('make')
    writeFileSync(join(workspace, 'a.txt'), 'half\n')
    await tool('make')
    expect(readFileSync(join(workspace, 'a.txt'), 'utf8')).toBe('half\n')
  })
})
