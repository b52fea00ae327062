import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { git } from './tools-hub.ts'
import { runTool } from './tools-run.ts'
import { openWorkspace, workspaceKinds } from './tools-workspace-stage.ts'

type Stage = Awaited<ReturnType<typeof openWorkspace>>

/** The commands of git that a call of the tool starts. */
async function gitsOf(stage: Stage, ...args: readonly string[]): Promise<readonly string[]> {
  const { root, hub, workspace } = stage
  const shims = join(root, 'shims')
  const log = join(root, 'gits')
  mkdirSync(shims, { recursive: true })
  writeFileSync(log, '')
  const rest = process.env['PATH'] ?? ''
  const shim = `#!/bin/sh\necho "$*" >>'${log}'\nPATH='${rest}' exec git "$@"\n`
  writeFileSync(join(shims, 'git'), shim)
  chmodSync(join(shims, 'git'), 0o755)
  const run = await runTool('workspace', args, {
    ORCHESTRATOR_HUB: hub,
    ORCHESTRATOR_WORKSPACE: workspace,
    TARGET_BRANCH: 'main',
    INSTANCE_ID: 'worker-1',
    HOME: root,
    PATH: `${shims}:${rest}`,
  })
  expect(run, run.stderr).toMatchObject({ code: 0 })
  return readFileSync(log, 'utf8').trimEnd().split('\n')
}

describe.each(workspaceKinds)('a workspace that is a %s', (kind) => {
  it('takes few processes of git for a task', async () => {
    using stage = await openWorkspace({ kind })
    stage.commitInHub('main', 'new.txt', 'new')
    expect((await gitsOf(stage, 'begin', 't1')).length).toBeLessThanOrEqual(7)
    stage.commit('b.txt', 'b')
    expect((await gitsOf(stage, 'ready', 't1')).length).toBeLessThanOrEqual(6)
  })
})

describe.each(workspaceKinds)('what is offered of a %s', (kind) => {
  it('is the tip of the branch, or what it was before it was rewritten', async () => {
    using stage = await openWorkspace({ kind })
    const offered = () => stage.here('rev-parse', 'refs/worktree/earlier/t1')
    await stage.succeed('begin', 't1')
    const first = stage.commit('b.txt', 'b')
    await stage.succeed('ready', 't1')
    expect(offered()).toBe(first)
    stage.here('commit', '--quiet', '--amend', '--message', 'another')
    await stage.succeed('ready', 't1')
    expect(stage.here('rev-parse', 'refs/worktree/earlier/t1^@')).toBe(first)
    stage.here('merge', '--quiet', '--strategy=ours', '--message', 'both', first)
    await stage.succeed('ready', 't1')
    expect(offered()).toBe(stage.here('rev-parse', 'task/t1'))
  })
})

describe('a private clone', () => {
  it('that borrows nothing any more fetches the target', async () => {
    using stage = await openWorkspace({ kind: 'private clone' })
    const { here, workspace } = stage
    here('repack', '-a', '-d', '--quiet')
    rmSync(join(workspace, '.git/objects/info/alternates'))
    const head = stage.commitInHub('main', 'new.txt', 'new')
    await stage.succeed('begin', 't1')
    expect(here('rev-parse', 'HEAD', 'origin/main')).toBe(`${head}\n${head}`)
    expect(git(workspace, 'show', 'HEAD:new.txt')).toBe('new')
  })

  it('without any commit of its own begins a task', async () => {
    using stage = await openWorkspace({ kind: 'private clone' })
    stage.here('switch', '--quiet', '--orphan', 'nothing')
    await stage.succeed('begin', 't1')
    expect(stage.here('symbolic-ref', '--short', 'HEAD')).toBe('task/t1')
  })
})
