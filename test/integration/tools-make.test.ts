import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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
    for (const path of ['.git/index', 'a.txt']) rmSync(join(workspace, path))
    writeFileSync(join(workspace, '.git', 'index.lock'), '')
    expect(await tool('make')).toMatchObject({ code: 0 })
    expect(git(workspace, 'status', '--porcelain')).toBe('')
  })

  it('leaves uncommitted work alone when it is there already', async () => {
    await tool('make')
    writeFileSync(join(workspace, 'a.txt'), 'half\n')
    await tool('make')
    expect(readFileSync(join(workspace, 'a.txt'), 'utf8')).toBe('half\n')
  })
})
