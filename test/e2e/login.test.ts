import { execFile, execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import { answerAs } from '../../src/rehearsal/players/answer-as.ts'
import { startModel } from '../../src/rehearsal/model/server.ts'
import { findLeftovers } from '../../src/rehearsal/runner/leftovers.ts'
import { modelHost } from '../../src/rehearsal/runner/model-host.ts'
import { createSetup } from '../../src/rehearsal/runner/setup.ts'
import { makeSample } from '../../src/rehearsal/scenarios/sample.ts'
import { scenarios } from '../../src/rehearsal/scenarios/scenarios.ts'
import { LiveServer } from '../support/live-server.ts'

const execute = promisify(execFile)
const patience = { timeout: 240_000, interval: 100 }

const login = (number: number): string =>
  JSON.stringify({
    claudeAiOauth: {
      accessToken: `sk-ant-oat01-login-${number}`,
      refreshToken: `sk-ant-ort01-login-${number}`,
      expiresAt: Date.now() + 8 * 3_600_000 + number,
      scopes: ['user:inference'],
      subscriptionType: 'max',
    },
  })

/** As Claude Code does it: another file in its place, from inside, as its own user. */
const renewInside =
  'umask 077; cat >"$HOME/.claude/.draft" && mv "$HOME/.claude/.draft" "$HOME/.claude/.credentials.json"'

describe('a login that an instance renews', () => {
  it('is not lost by a server that is killed at that moment, five times, and is never in two instances', async () => {
    const { seed, script } = makeSample(scenarios.plain, 2, 1)
    await using model = await startModel({
      host: await modelHost('docker'),
      act: (request) => answerAs(script, request),
    })
    await using setup = await createSetup({
      seed,
      workers: 1,
      runtime: 'docker',
      context: 'fresh',
      checks: [],
      modelUrl: model.url,
    })
    const file = join(setup.config, 'credentials', 'key-2.json')
    writeFileSync(file, login(0), { mode: 0o600 })
    const isKept = (number: number) =>
      vi.waitFor(
        () => expect(readFileSync(file, 'utf8')).toContain(`ort01-login-${number}`),
        patience,
      )

    await using server = new LiveServer(setup)
    server.start()
    const up = await server.statusWhen('up', ({ instances }) =>
      instances.some(
        ({ id, phase }) => id === 'worker-1' && phase !== 'starting' && phase !== 'absent',
      ),
    )
    const container = `orchestrator-${up.run.id}-worker-1`
    for (let number = 1; number <= 5; number += 1) {
      const renewal = execute('docker', [
        'exec',
        '--interactive',
        '--user=1000',
        container,
        'sh',
        '-c',
        renewInside,
      ])
      renewal.child.stdin?.end(login(number))
      await delay(Math.random() * 300)
      await server.kill()
      await renewal
      server.start(...(number === 5 ? ['--stop-instances'] : []))
      await isKept(number)
    }
    const copies = execFileSync(
      'grep',
      ['--recursive', '--files-with-matches', 'ort01-login-5', setup.state],
      { encoding: 'utf8' },
    )
    expect(copies.trim().split('\n')).toEqual([
      join(setup.state, 'instances/worker-1/home/.claude/.credentials.json'),
    ])
    const last = await server.statusWhen('ready', () => true)
    expect(await server.stop()).toBe(0)
    const leftovers = await findLeftovers(setup, 'docker', last)
    expect(leftovers.filter(({ problem }) => problem !== null)).toEqual([])
  })
})
