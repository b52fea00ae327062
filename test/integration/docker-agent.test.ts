import { spawnSync } from 'node:child_process'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { managerId } from '../../src/core/model/ids.ts'
import type { LaunchOrder } from '../../src/ports/instances.ts'
import {
  anOrder,
  dockerSubject,
  openRuntimeStage,
  worker1,
  type RuntimeStage,
  type Subject,
} from '../support/runtime-stage.ts'
import { hostileFiles } from './support/hostile-repository.ts'
import { startStandIn, type StandIn } from './support/stand-in.ts'

const hasEngine = spawnSync('docker', ['version']).status === 0
const patience = { timeout: 110_000, interval: 20 }

describe.skipIf(!hasEngine && process.env.CI === undefined)('Claude Code in a container', () => {
  let stage: RuntimeStage
  let subject: Subject
  let standIn: StandIn

  const open = async (files?: Readonly<Record<string, string>>): Promise<void> => {
    stage = await openRuntimeStage(files)
    subject = dockerSubject(stage, { serverUrl: () => standIn.url })
    await subject.runtime.ensureUsable()
    standIn = await startStandIn((await subject.runtime.serverAddress(0)).listenOn)
  }
  const start = async (changes: Partial<LaunchOrder> = {}): Promise<void> => {
    const order = anOrder({
      credentialEnvironment: {
        CLAUDE_CODE_OAUTH_TOKEN: 'oauth-token-1',
        ANTHROPIC_BASE_URL: standIn.url,
      },
      ...changes,
    })
    await subject.runtime.instances.ensureRunning(order)
    await subject.show(order.instance)
    await vi.waitFor(
      () =>
        expect(standIn.hooks).toContainEqual(
          expect.objectContaining({ event: 'SessionStart', launch: String(order.launch) }),
        ),
      patience,
    )
    await vi.waitFor(
      () => expect(subject.runtime.instances.status(order.instance)).toBe('idle'),
      patience,
    )
  }
  /** Types a prompt and waits until its turn is over; answers the request that it led to. */
  const prompt = async (text: string, instance = worker1) => {
    const stops = standIn.hooks.filter(({ event }) => event === 'Stop').length
    await stage.terminals.paste(instance, text)
    await stage.terminals.press(instance, 'Enter')
    await vi.waitFor(
      () => expect(standIn.hooks.filter(({ event }) => event === 'Stop')).toHaveLength(stops + 1),
      patience,
    )
    return standIn.requests.findLast(({ body }) => body.includes(text))
  }
  const swapTo = async (environment: Readonly<Record<string, string>>): Promise<void> => {
    const receipts = standIn.hooks.filter(({ event }) => event === 'ConfigChange').length
    await subject.runtime.files.replaceCredential(worker1, {
      ANTHROPIC_BASE_URL: standIn.url,
      ...environment,
    })
    await vi.waitFor(
      () =>
        expect(
          standIn.hooks.filter(({ event }) => event === 'ConfigChange').length,
        ).toBeGreaterThan(receipts),
      patience,
    )
  }

  const conversations = async (): Promise<readonly string[]> => {
    const folder = join(stage.directory, 'instances', worker1, 'home/.claude/projects/-workspace')
    return Promise.all(
      (await readdir(folder).catch(() => []))
        .filter((name) => name.endsWith('.jsonl'))
        .map((name) => readFile(join(folder, name), 'utf8')),
    )
  }

  beforeEach(() => open())

  afterEach(async () => {
    await subject.close()
    await standIn.close()
  })

  it('starts without a question and sends its hooks with the identity of its launch', async () => {
    await start({ launch: 3 })
    expect(standIn.hooks[0]).toMatchObject({
      event: 'SessionStart',
      launch: '3',
      authorization: 'Bearer launch-token-canary',
    })
    expect(await prompt('[orchestrator p1] hello')).toMatchObject({
      credential: 'oauth-token-1',
      model: 'claude-sonnet-5-5',
    })
    expect(standIn.hooks.map(({ event }) => event)).toEqual([
      'SessionStart',
      'UserPromptSubmit',
      'Stop',
    ])
  })

  it('uses another credential from its next request on, whatever kind either is', async () => {
    await start()
    await prompt('first')
    await swapTo({ CLAUDE_CODE_OAUTH_TOKEN: 'oauth-token-2' })
    expect(await prompt('second')).toMatchObject({ credential: 'oauth-token-2' })
    await swapTo({ ANTHROPIC_API_KEY: 'sk-ant-api03-one-key-that-was-never-approved' })
    expect(await prompt('third')).toMatchObject({
      credential: 'sk-ant-api03-one-key-that-was-never-approved',
    })
    await swapTo({ ANTHROPIC_AUTH_TOKEN: 'auth-token-3' })
    expect(await prompt('fourth')).toMatchObject({ credential: 'auth-token-3' })
  })

  it('continues its conversation in the next launch', async () => {
    await start()
    await prompt('remember the word heron')
    await vi.waitFor(
      async () => expect((await conversations()).join('')).toContain('heron'),
      patience,
    )
    await subject.kill(worker1)
    await start({ launch: 2, resume: true })
    expect(standIn.hooks.find(({ launch }) => launch === '2')).toMatchObject({
      event: 'SessionStart',
      body: { source: 'resume' },
    })
    expect((await prompt('what was it'))?.body).toContain('remember the word heron')
  })

  it('begins a conversation where the last launch ended before anything was said', async () => {
    await start({ resume: true })
    await subject.runtime.instances.ensureStopped(worker1)
    const folder = join(stage.directory, 'instances', worker1, 'home/.claude/projects/-workspace')
    await mkdir(folder, { recursive: true })
    await writeFile(
      join(folder, '24c21ce2-cf59-4fd6-99c6-dacdd7bbd733.jsonl'),
      '{"type":"mode","mode":"normal"}\n',
    )
    await start({ launch: 2, resume: true })
    expect(standIn.hooks.at(-1)).toMatchObject({
      event: 'SessionStart',
      body: { source: 'startup' },
    })
  })

  it('gives a Manager nothing but its eyes', async () => {
    await start({ instance: managerId, role: 'manager', number: 0 })
    const request = await prompt('look around', managerId)
    expect(
      request?.tools
        .filter((name) => !/^(WaitForMcpServers|DeferredToolPlaceholder)$/.test(name))
        .toSorted(),
    ).toEqual(['Glob', 'Grep', 'Read'])
  })

  it('is not led astray by the settings of the repository', async () => {
    await subject.close()
    await standIn.close()
    await open(hostileFiles)
    await start()
    const request = await prompt('hello')
    expect(request).toMatchObject({ credential: 'oauth-token-1', model: 'claude-sonnet-5-5' })
    expect(request?.body).toContain('project memory canary')
    expect(standIn.hooks.map(({ event }) => event)).toEqual([
      'SessionStart',
      'UserPromptSubmit',
      'Stop',
    ])
    expect(await stage.terminals.screen(worker1)).toContain('bypass permissions on')
    const { stdout } = await subject.runtime.workspaces.runTool(worker1, [
      'workspace',
      'ready',
      'none',
    ])
    expect(stdout).not.toContain('-ran')
  })
})
