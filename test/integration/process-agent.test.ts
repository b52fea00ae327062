import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LaunchOrder, InstanceNotice } from '../../src/ports/instances.ts'
import {
  anOrder,
  openRuntimeStage,
  pidOf,
  processSubject,
  worker1,
  type RuntimeStage,
  type Subject,
} from '../support/runtime-stage.ts'
import { hostileFiles } from './support/hostile-repository.ts'
import { sendLine } from './support/send-line.ts'
import { startStandIn, type StandIn } from './support/stand-in.ts'
import { untilHooks } from './support/until-hooks.ts'
import { cli } from '../support/cli.ts'

const patience = { timeout: 110_000, interval: 20 }

describe.skipIf(!existsSync(cli) && process.env.CI === undefined)(
  'Claude Code as a process of this machine',
  () => {
    let stage: RuntimeStage
    let subject: Subject
    let standIn: StandIn

    const start = async (changes: Partial<LaunchOrder> = {}): Promise<void> => {
      const order = anOrder({
        credentialEnvironment: {
          CLAUDE_CODE_OAUTH_TOKEN: 'oauth-token-1',
          ANTHROPIC_BASE_URL: standIn.url,
        },
        ...changes,
      })
      await subject.runtime.instances.ensureRunning(order)
      await subject.show(worker1)
      await vi.waitFor(
        () =>
          expect(standIn.hooks).toContainEqual(
            expect.objectContaining({ event: 'SessionStart', launch: String(order.launch) }),
          ),
        patience,
      )
      await vi.waitFor(
        () => expect(subject.runtime.instances.status(worker1)).toBe('idle'),
        patience,
      )
    }
    const prompt = async (text: string) => {
      const stops = standIn.hooks.filter(({ event }) => event === 'Stop').length
      await sendLine({ stage, subject, standIn }, text)
      expect(await untilHooks({ subject, standIn }, 'Stop', stops + 1)).toHaveLength(stops + 1)
      return standIn.requests.findLast(({ body }) => body.includes(text))
    }

    beforeEach(async () => {
      stage = await openRuntimeStage(hostileFiles)
      standIn = await startStandIn('127.0.0.1')
      vi.stubEnv('ANTHROPIC_API_KEY', 'server-canary')
      vi.stubEnv('CLAUDE_CODE_USE_BEDROCK', '1')
      subject = processSubject(stage, cli, { serverUrl: () => standIn.url })
      await subject.runtime.ensureUsable()
    })

    afterEach(async () => {
      vi.unstubAllEnvs()
      await subject.close()
      await standIn.close()
    })

    it('knows nothing of the environment of the server, and is not led astray by the repository', async () => {
      await start()
      const request = await prompt('[orchestrator p1] hello')
      expect(request).toMatchObject({ credential: 'oauth-token-1', model: 'claude-sonnet-5-5' })
      expect(request?.body).toContain('project memory canary')
      expect(standIn.hooks.map(({ event }) => event)).toEqual([
        'SessionStart',
        'UserPromptSubmit',
        'Stop',
      ])
      expect(await readFile(`/proc/${await pidOf(stage, worker1)}/environ`, 'utf8')).not.toContain(
        'server-canary',
      )
      expect(
        (await subject.runtime.workspaces.runTool(worker1, ['workspace', 'ready', 'none'])).stdout,
      ).not.toContain('-ran')
    })

    it('uses another credential from its next request on', async () => {
      await start()
      await subject.runtime.files.replaceCredential(worker1, {
        ANTHROPIC_AUTH_TOKEN: 'auth-token-2',
        ANTHROPIC_BASE_URL: standIn.url,
      })
      await untilHooks({ subject, standIn }, 'ConfigChange', 1)
      expect(await prompt('hello')).toMatchObject({ credential: 'auth-token-2' })
    })

    it('is found by another server, which reports its death, and continues its conversation', async () => {
      await start()
      await prompt('remember the word heron')
      await vi.waitFor(
        () => expect(subject.runtime.instances.status(worker1)).toBe('idle'),
        patience,
      )
      const { runtime } = processSubject(stage, cli)
      const notices: InstanceNotice[] = []
      using _watching = runtime.instances.watch((notice) => notices.push(notice))
      expect(await runtime.instances.listRunning()).toEqual([{ instance: worker1, launch: 1 }])
      await vi.waitFor(() => expect(runtime.instances.status(worker1)).toBe('idle'), patience)
      await stage.terminals.ensureClosed(worker1)
      await vi.waitFor(
        () => expect(notices).toContainEqual(expect.objectContaining({ type: 'died', launch: 1 })),
        patience,
      )
      await start({ launch: 2, resume: true })
      expect((await prompt('what was it'))?.body).toContain('remember the word heron')
    })
  },
)
