import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { git, makeHub } from './tools-hub.ts'
import { Receiver } from './tools-receiver.ts'
import { startTool } from './tools-run.ts'

const progressSeconds = '0.3'
/** A line of `rounds` for each time that the reporter of progress begins to wait. */
const countingSleep = `#!/bin/sh
[ "$1" != ${progressSeconds} ] || echo >>"$HOME/rounds"
exec /bin/sleep 0.05
`
/** Only ends a hang. */
const patience = { timeout: 60_000, interval: 20 }

const files = Array.from({ length: 8 }, (_, n) => `f${n}.txt`)

describe('a checkout that takes long', () => {
  const server = new Receiver()
  let root: string
  let workspace: string

  beforeEach(async () => {
    await server.start()
    server.received = []
    root = mkdtempSync(join(tmpdir(), 'progress-'))
    workspace = join(root, 'workspace')
    const texts = Object.fromEntries(files.map((name) => [name, `${name}\n`]))
    makeHub(root, { ...texts, '.gitattributes': '*.txt filter=slow\n' })
    mkdirSync(join(root, 'bin'))
    writeFileSync(join(root, 'bin/sleep'), countingSleep)
    chmodSync(join(root, 'bin/sleep'), 0o755)
    writeFileSync(join(root, 'rounds'), '')
  })

  afterEach(async () => {
    await server.stop()
    rmSync(root, { recursive: true, force: true, maxRetries: 5 })
  })

  /** Every file is written when the shell command `smudge` lets it through. */
  const make = (smudge: string) => {
    git(root, 'config', '--file', '.gitconfig', 'filter.slow.smudge', smudge)
    return startTool('workspace', ['make'], {
      ORCHESTRATOR_HUB: join(root, 'hub.git'),
      ORCHESTRATOR_WORKSPACE: workspace,
      ORCHESTRATOR_URL: `http://127.0.0.1:${server.port}`,
      ORCHESTRATOR_TOKEN: 'the token',
      LAUNCH: '3',
      TARGET_BRANCH: 'main',
      PROGRESS_SECONDS: progressSeconds,
      PATH: `${join(root, 'bin')}:${process.env['PATH']}`,
      HOME: root,
    }).ended
  }

  it('reports again and again that it moves on, and the launch', async () => {
    const until = 'until [ "$(wc -l <"$HOME/rounds")" -ge $((n + 2)) ]; do sleep 0.05; done'
    const run = await make(`n=$(wc -l <"$HOME/rounds"); ${until}; cat`)
    expect(run, run.stderr).toMatchObject({ code: 0, stderr: '' })
    expect(git(workspace, 'status', '--porcelain')).toBe('')
    expect(server.received.length).toBeGreaterThanOrEqual(3)
    expect(server.received[0]).toMatchObject({
      path: '/hooks/WorkspaceProgress',
      launch: 3,
      authorization: 'Bearer the token',
    })
  })

  it('reports nothing while it hangs', async () => {
    const made = make('while [ ! -e "$HOME/go" ]; do sleep 0.05; done; cat')
    const rounds = () => readFileSync(join(root, 'rounds')).length
    // What moves before the first file hangs may be reported, so it may take a few tries.
    for (let reports = -1; reports !== server.received.length; ) {
      reports = server.received.length
      const begun = rounds()
      await vi.waitFor(() => expect(rounds()).toBeGreaterThan(begun + 5), patience)
    }
    writeFileSync(join(root, 'go'), '')
    expect(await made).toMatchObject({ code: 0 })
  })

  it('is the same while no server answers', async () => {
    await server.stop()
    expect(await make('sleep 0.1; cat')).toMatchObject({ code: 0, stderr: '' })
    expect(git(workspace, 'status', '--porcelain')).toBe('')
    await server.start()
  })
})
