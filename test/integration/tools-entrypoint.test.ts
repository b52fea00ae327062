import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { environmentLines, makeHub } from './tools-hub.ts'
import { runTool } from './tools-run.ts'

const stand = `#!/bin/sh
pwd
env | grep -E '^(ORCHESTRATOR_TOKEN|ODD|INSTANCE_ID)=' | sort
for argument do echo "<$argument>"; done
exit 7
`

describe('the entrypoint of an instance', () => {
  let root: string
  let settings: string
  let environment: Record<string, string>

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'entrypoint-'))
    settings = join(root, 'settings')
    for (const folder of ['bin', 'settings']) mkdirSync(join(root, folder))
    writeFileSync(join(root, 'bin/claude'), stand, { mode: 0o755 })
    environment = {
      ORCHESTRATOR_HUB: makeHub(root),
      ORCHESTRATOR_WORKSPACE: join(root, 'workspace'),
      ORCHESTRATOR_OUTBOX: join(root, 'outbox'),
      ORCHESTRATOR_URL: 'http://127.0.0.1:9',
      ORCHESTRATOR_TOKEN: 'a b"c\'d$HOME=e\\f ',
      TARGET_BRANCH: 'main',
      INSTANCE_ID: 'worker-3',
      LAUNCH: '2',
      ODD: '',
    }
  })

  afterEach(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }))

  const start = () => {
    writeFileSync(join(settings, 'environment'), environmentLines(environment))
    writeFileSync(join(settings, 'arguments'), '--model\nthe model\n*\n\n$HOME')
    return runTool('entrypoint', [settings], {
      HOME: root,
      PATH: `${join(root, 'bin')}:${process.env['PATH'] ?? ''}`,
    })
  }

  it('becomes Claude Code in the workspace, with environment and arguments to the letter', async () => {
    const run = await start()

    expect(run, run.stderr).toMatchObject({ code: 7 })
    expect(run.stdout.split('\n')).toEqual([
      join(root, 'workspace'),
      'INSTANCE_ID=worker-3',
      'ODD=',
      'ORCHESTRATOR_TOKEN=a b"c\'d$HOME=e\\f ',
      '<--model>',
      '<the model>',
      '<*>',
      '<>',
      '<$HOME>',
      '',
    ])
    expect(existsSync(join(root, 'workspace/.git'))).toBe(true)
  })

  it('says what failed, and starts nothing, when there is no workspace to be had', async () => {
    environment['TARGET_BRANCH'] = 'nowhere'
    const run = await start()

    expect(run.code).toBe(1)
    expect(run.stdout).toBe('')
    expect(run.stderr).toContain('cloning nowhere from')
  })

  it('gives the tools its environment, also when they are started without one', async () => {
    await start()
    const run = await runTool('workspace', ['begin', 't1'], {
      HOME: root,
      ORCHESTRATOR_SETTINGS: settings,
    })

    expect(run, run.stderr).toMatchObject({ code: 0 })
    expect(readFileSync(join(root, 'workspace/.git/HEAD'), 'utf8')).toBe(
      'ref: refs/heads/task/t1\n',
    )
  })
})
