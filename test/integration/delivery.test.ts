import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../src/adapters/system/clock.ts'
import { createTmuxTerminals } from '../../src/adapters/tmux/terminals.ts'
import { clearScreen } from '../../src/engine/commands/type-prompt.ts'
import { describeProbe, probeMachine } from '../../src/rehearsal/runner/machine-probe.ts'
import { worker1 as worker } from '../support/runtime-stage.ts'
import { cli } from '../support/cli.ts'
import { openAgentScene, patience } from './support/agent-scene.ts'

const isMissing = !existsSync(cli) && process.env.CI === undefined
const line = (number: number): string =>
  `[orchestrator p${number}] Fetch the brief of your next task.`

describe.skipIf(isMissing)('a prompt for the real Claude Code', () => {
  let scene: Awaited<ReturnType<typeof openAgentScene>>
  afterEach(() => scene.close())

  it('arrives once and unchanged in a fresh conversation after each turn', async () => {
    scene = await openAgentScene()
    const sent = [line(1)]
    await scene.send({ line: line(1) })
    const took: number[] = []
    for (let turn = 1; turn <= 12; turn += 1) {
      await scene.ended(turn)
      const from = performance.now()
      sent.push(line(turn + 1))
      expect(await scene.send({ line: '/clear' })).toBe('sent')
      await scene.cleared(turn)
      expect(await scene.send({ line: line(turn + 1) })).toBe('sent')
      await scene.arrived(...sent)
      took.push(performance.now() - from)
      expect(scene.seen.clears).toBe(turn)
    }
    const [median = Number.NaN] = took.toSorted((one, other) => one - other).slice(6)
    process.stdout.write(`from the end of a turn to the next prompt: median ${median} ms\n`)
    process.stdout.write(`${describeProbe(await probeMachine('docker'))}\n`)
  })

  it('of 800 characters arrives as the words of its sender', async () => {
    scene = await openAgentScene()
    const long = `${line(1)} ${'Every word of this must arrive. '.repeat(30)}`
      .slice(0, 799)
      .trimEnd()
    await scene.send({ line: long })
    await scene.arrived(long)
  })

  it('closes the dialog of a weekly limit first', async () => {
    scene = await openAgentScene()
    scene.seen.fault = {
      type: 'limit',
      window: 'seven_day',
      resetsAt: Date.now() + 3 * 86_400_000,
    }
    await scene.send({ line: line(1) })
    await scene.says('waiting')
    await scene.stands('limit')
    scene.seen.fault = null
    expect(await scene.send({ line: line(2) })).toBe('sent')
    await scene.arrived(line(1), line(2))
  })

  it('closes a menu that was left open', async () => {
    scene = await openAgentScene()
    await scene.send({ line: line(1) })
    await scene.ended(1)
    await scene.says('idle')
    await scene.opensRewindMenu()
    expect(await scene.send({ line: line(2), tries: 2 })).toBe('sent')
    await scene.arrived(line(1), line(2))
  })

  it('whose Enter was lost is not typed twice', async () => {
    scene = await openAgentScene()
    await scene.terminals.paste(worker, line(1))
    await scene.stands('typed')
    expect(await scene.send({ line: line(1), tries: 2 })).toBe('sent')
    await scene.arrived(line(1))
  })

  it.each(['! rm -rf of a person', 'half a thought '.repeat(40).trimEnd(), '/clear'])(
    'is not glued to %j in the box',
    async (text) => {
      scene = await openAgentScene()
      await scene.terminals.paste(worker, text)
      await scene.stands('typed')
      expect(await scene.send({ line: line(1), tries: 2 })).toBe('sent')
      await scene.arrived(line(1))
    },
  )
})

describe.skipIf(isMissing)('a start of the real Claude Code that was not prepared', () => {
  it('is helped through its questions to a prompt', async () => {
    const directory = await realpath(await mkdtemp(join(tmpdir(), 'questions-')))
    vi.stubEnv('TMUX_TMPDIR', directory)
    const terminals = createTmuxTerminals({
      socket: 'questions',
      logDirectory: join(directory, 'logs'),
    })
    await using cleanup = new AsyncDisposableStack()
    cleanup.defer(() => rm(directory, { recursive: true, maxRetries: 10, retryDelay: 200 }))
    cleanup.defer(() => void vi.unstubAllEnvs())
    cleanup.defer(async () => {
      const sessions = await readdir(join(directory, '.claude/sessions')).catch(() => [])
      await terminals.ensureClosed(worker)
      await terminals[Symbol.asyncDispose]()
      // Until it has ended it writes into its home.
      for (const pid of sessions.map((name) => Number.parseInt(name, 10)))
        await vi.waitUntil(() => !existsSync(`/proc/${pid}`), patience)
    })
    // Trust in a home is not remembered: the agent works elsewhere.
    const workspace = join(directory, 'workspace')
    await mkdir(workspace)
    await mkdir(join(directory, '.claude'))
    await writeFile(join(directory, '.claude.json'), '{"hasCompletedOnboarding":true}')
    await writeFile(
      join(directory, '.claude/settings.json'),
      '{"permissions":{"defaultMode":"bypassPermissions"},"hooks":{"NoSuchEvent":[]}}',
    )
    const environment = {
      PATH: process.env.PATH,
      HOME: directory,
      TERM: 'xterm-256color',
      LANG: 'C.UTF-8',
      IS_SANDBOX: '1',
      CLAUDE_CODE_OAUTH_TOKEN: 'fake-oauth-token',
      ANTHROPIC_BASE_URL: 'http://127.0.0.1:9',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
    }
    const words = Object.entries(environment).map(([name, value]) => `${name}=${value}`)
    await terminals.ensureOpen(worker, ['env', `--chdir=${workspace}`, '-i', ...words, cli])

    await vi.waitFor(async () => {
      expect((await clearScreen(worker, { terminals, clock: systemClock })).name).toBe('prompt')
    }, patience)
    const state: unknown = JSON.parse(await readFile(join(directory, '.claude.json'), 'utf8'))
    expect(state).toMatchObject({ projects: { [workspace]: { hasTrustDialogAccepted: true } } })
  })
})
