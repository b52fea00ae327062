import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { git, makeHub } from './tools-hub.ts'
import { runTool } from './tools-run.ts'

let root: string
let workspace: string

const here = (...args: readonly string[]): string => git(workspace, ...args)
const tool = (...args: string[]) =>
  runTool('workspace', args, {
    ORCHESTRATOR_HUB: join(root, 'hub.git'),
    ORCHESTRATOR_WORKSPACE: workspace,
    TARGET_BRANCH: 'main',
    INSTANCE_ID: 'worker-1',
    HOME: root,
  })

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'workspace-'))
  workspace = join(root, 'workspace')
  makeHub(root, { 'a.txt': 'one\n' })
  for (const step of [['make'], ['begin', 't1']]) {
    const { code, stderr } = await tool(...step)
    if (code !== 0) throw new Error(stderr)
  }
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

describe('a workspace', () => {
  it('is unchanged right after a task began', async () => {
    expect(await tool('unchanged', 't1')).toMatchObject({ code: 0, stdout: '' })
  })

  it('names the files that hold work', async () => {
    writeFileSync(join(workspace, 'forgotten.txt'), '')
    expect(await tool('unchanged', 't1')).toMatchObject({
      code: 3,
      stdout: expect.stringContaining('forgotten.txt'),
    })
  })

  it('names the commits that the target lacks', async () => {
    here('commit', '--quiet', '--allow-empty', '-m', 'work')
    expect(await tool('unchanged', 't1')).toMatchObject({
      code: 3,
      stdout: expect.stringContaining('task/t1 has 1 commits that origin/main lacks'),
    })
  })

  it('is not unchanged on another branch', async () => {
    here('switch', '--quiet', '-c', 'idea')
    expect(await tool('unchanged', 't1')).toMatchObject({
      code: 3,
      stdout: expect.stringContaining('on idea, not on task/t1'),
    })
  })
})
