import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Line, type Model, startModel } from '../../src/rehearsal/model/server.ts'
import { cli } from '../support/cli.ts'
import { type GatewayStage, launchToken, openGateway, secretOf } from './gateway-stage.ts'

const resultShape = z.object({ is_error: z.boolean(), result: z.string(), num_turns: z.number() })
const says = (word: string): Line['answer'] => ({ blocks: [{ type: 'text', text: word }] })
const runs = (command: string): Line['answer'] => ({
  blocks: [{ type: 'tool_use', name: 'Bash', input: { command, description: 'says something' } }],
})

describe.skipIf(!existsSync(cli) && process.env.CI === undefined)(
  'Claude Code behind the gateway',
  () => {
    let home: string
    let model: Model
    let gateway: GatewayStage
    /** Everything that the agent said, its environment among it. */
    let received: string
    const limited = secretOf('a')

    beforeEach(async () => {
      home = await mkdtemp(join(tmpdir(), 'gateway-agent-'))
      received = ''
      const answers = [runs('env'), says('done')]
      let turns = 0
      model = await startModel({
        host: '127.0.0.1',
        act: (request) => {
          received += JSON.stringify(request)
          const answer =
            request.tools.length === 0
              ? says('a title')
              : (answers[Math.floor(turns++ / 2)] ?? says('done'))
          return { answer, role: 'worker', prompt: null, complaint: null }
        },
        faultFor: (credential) =>
          credential === limited
            ? { type: 'limit', window: 'five_hour', resetsAt: Date.now() + 7_200_000 }
            : null,
      })
      gateway = await openGateway({ credentials: { a: model.url, b: model.url } })
    })

    afterEach(async () => {
      await gateway[Symbol.asyncDispose]()
      await model[Symbol.asyncDispose]()
      await rm(home, { recursive: true, force: true })
    })

    it('does not notice that its credential came to an end, and knows none', async () => {
      const environment = {
        PATH: process.env['PATH'],
        HOME: home,
        TZ: 'UTC',
        ANTHROPIC_BASE_URL: gateway.url,
        ANTHROPIC_AUTH_TOKEN: launchToken,
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        DISABLE_AUTOUPDATER: '1',
        IS_SANDBOX: '1',
      }
      const words = [
        '-p',
        'say something',
        '--output-format',
        'json',
        '--dangerously-skip-permissions',
        '--model',
        'claude-sonnet-5-5',
      ]
      const agent = spawn(cli, words, {
        cwd: home,
        env: environment,
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: 60_000,
      })
      const [stdout, stderr] = await Promise.all([
        text(agent.stdout),
        text(agent.stderr),
        once(agent, 'close'),
      ])
      expect(stderr).toBe('')
      expect(resultShape.parse(JSON.parse(stdout))).toMatchObject({
        is_error: false,
        result: 'done',
        num_turns: 2,
      })
      expect(model.requests.map(({ credential, answered }) => [credential, answered])).toEqual([
        [limited, 'limit'],
        [secretOf('b'), 'message'],
        [limited, 'limit'],
        [secretOf('b'), 'message'],
      ])
      expect(gateway.refused).toEqual([
        {
          credential: 'a',
          modelError: { kind: 'quota', window: 'five-hour', until: expect.any(Number) },
        },
        {
          credential: 'a',
          modelError: { kind: 'quota', window: 'five-hour', until: expect.any(Number) },
        },
      ])
      expect(received).toContain(launchToken)
      expect(received).not.toContain('upstream-canary')
      expect(gateway.used.map(({ credential }) => credential)).toEqual(['b', 'b'])
      expect(
        gateway.used.every(({ usage }) => usage.inputTokens > 100 && usage.costMicros > 0),
      ).toBe(true)
    })
  },
)
