import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addToHub, git, makeHub } from './tools-hub.ts'
import { runTool } from './tools-run.ts'

export const workspaceKinds = ['private clone', 'linked worktree'] as const

export interface WorkspaceStageOptions {
  readonly kind: (typeof workspaceKinds)[number]
  readonly files?: Readonly<Record<string, string>>
  readonly target?: string
}

/** A hub and one workspace, in which the tool `workspace` runs as it does for an instance. */
export async function openWorkspace({
  kind,
  files = { 'a.txt': 'one\n', 'other.txt': 'other\n' },
  target = 'main',
}: WorkspaceStageOptions) {
  const root = mkdtempSync(join(tmpdir(), 'workspace-'))
  const workspace = join(root, 'workspace')
  const hub = makeHub(root, files)
  if (target !== 'main') git(hub, 'branch', '--move', 'main', target)
  if (kind === 'linked worktree')
    git(hub, 'worktree', 'add', '--quiet', '--detach', workspace, target)

  const here = (...args: readonly string[]): string => git(workspace, ...args)
  const tool = (...args: string[]) =>
    runTool('workspace', args, {
      ORCHESTRATOR_HUB: hub,
      ORCHESTRATOR_WORKSPACE: workspace,
      TARGET_BRANCH: target,
      INSTANCE_ID: 'worker-1',
      HOME: root,
    })
  const succeed = async (...args: string[]): Promise<string> => {
    const run = await tool(...args)
    if (run.code !== 0) throw new Error(`workspace ${args.join(' ')}: ${run.stdout}${run.stderr}`)
    return run.stdout
  }
  const commit = (path: string, text: string): string => {
    writeFileSync(join(workspace, path), text)
    here('add', '--all')
    here('commit', '--quiet', '-m', `write ${path}`)
    return here('rev-parse', 'HEAD')
  }
  /** One more commit on a ref of the hub, made elsewhere. */
  const commitInHub = (ref: string, path: string, text: string, parent = target): string =>
    addToHub({ root, hub, ref, path, text, parent })
  await succeed('make')

  return {
    root,
    hub,
    workspace,
    here,
    tool,
    succeed,
    commit,
    commitInHub,
    write: (path: string, text: string): void => writeFileSync(join(workspace, path), text),
    /** What the worker reported: the server has it, as `workspace begin` will name it. */
    report: (task: string): string => {
      here('push', '--quiet', '--force', hub, `HEAD:refs/tasks/${task}`)
      return here('rev-parse', 'HEAD')
    },
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  }
}

/** Every hook of the workspace, and its file monitor, wait for ever. */
export function endlessHooks({
  root,
  here,
}: {
  readonly root: string
  readonly here: (...args: readonly string[]) => string
}): void {
  const hooks = join(root, 'endless')
  mkdirSync(hooks)
  for (const name of [...gitHooks, 'monitor']) {
    writeFileSync(join(hooks, name), '#!/bin/sh\nexec sleep 1000\n')
    chmodSync(join(hooks, name), 0o755)
  }
  here('config', 'core.fsmonitor', join(hooks, 'monitor'))
  here('config', 'core.hooksPath', hooks)
}

const gitHooks = [
  'post-checkout',
  'post-index-change',
  'post-merge',
  'post-rewrite',
  'pre-commit',
  'reference-transaction',
]
