import { spawnSync } from 'node:child_process'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { managerId } from '../../src/core/model/ids.ts'
import { worker1 } from '../support/runtime-stage.ts'
import { openDockerAgents, patience, type DockerAgents } from './support/docker-agent.ts'
import { hostileFiles } from './support/hostile-repository.ts'
import { untilHooks } from './support/until-hooks.ts'

const hasEngine = spawnSync('docker', ['version']).status === 0

describe.skipIf(!hasEngine && process.env.CI === undefined)('Claude Code in a container', () => {
  let agents: DockerAgents
  const start: DockerAgents['start'] = (changes) => agents.start(changes)
  const prompt: DockerAgents['prompt'] = (text, instance) => agents.prompt(text, instance)
  /** Places it again while Claude Code does not read it, which can miss a change, as a rotation. */
  const swapTo = async (environment: Readonly<Record<string, string>>): Promise<void> => {
    const receipts = () => agents.standIn.hooks.filter(({ event }) => event === 'ConfigChange')
    const before = receipts().length
    const isRead = () => receipts().length > before
    for (let round = 1; round <= 10 && !isRead(); round += 1) {
      await agents.subject.runtime.files.replaceCredential(worker1, {
        ANTHROPIC_BASE_URL: agents.standIn.url,
        ...environment,
      })
      await vi.waitUntil(isRead, { timeout: 8_000, interval: 20 }).catch(() => null)
    }
    await untilHooks(agents, 'ConfigChange', before + 1)
  }

  const conversations = async (): Promise<readonly string[]> => {
    const folder = join(
      agents.stage.directory,
      'instances',
      worker1,
      'home/.claude/projects/-workspace',
    )
    return Promise.all(
      (await readdir(folder).catch(() => []))
        .filter((name) => name.endsWith('.jsonl'))
        .map((name) => readFile(join(folder, name), 'utf8')),
    )
  }

  beforeEach(async () => {
    agents = await openDockerAgents()
  })

  afterEach(() => agents.close())

  it('starts without a question and sends its hooks with the identity of its launch', async () => {
    await start({ launch: 3 })
    expect(agents.standIn.hooks[0]).toMatchObject({
      event: 'SessionStart',
      launch: '3',
      authorization: 'Bearer launch-token-canary',
    })
    expect(await prompt('[orchestrator p1] hello')).toMatchObject({
      credential: 'oauth-token-1',
      model: 'claude-sonnet-5-5',
    })
    expect(agents.standIn.hooks.map(({ event }) => event)).toEqual([
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
    await agents.subject.kill(worker1)
    await start({ launch: 2, resume: true })
    expect(agents.standIn.hooks.find(({ launch }) => launch === '2')).toMatchObject({
      event: 'SessionStart',
      body: { source: 'resume' },
    })
    expect((await prompt('what was it'))?.body).toContain('remember the word heron')
  })

  it('begins a conversation where the last launch ended before anything was said', async () => {
    await start({ resume: true })
    await agents.subject.runtime.instances.ensureStopped(worker1)
    const folder = join(
      agents.stage.directory,
      'instances',
      worker1,
      'home/.claude/projects/-workspace',
    )
    await mkdir(folder, { recursive: true })
    await writeFile(
      join(folder, '24c21ce2-cf59-4fd6-99c6-dacdd7bbd733.jsonl'),
      '{"type":"mode","mode":"normal"}\n',
    )
    await start({ launch: 2, resume: true })
    expect(agents.standIn.hooks.at(-1)).toMatchObject({
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
    await agents.close()
    agents = await openDockerAgents(hostileFiles)
    await start()
    const request = await prompt('hello')
    expect(request).toMatchObject({ credential: 'oauth-token-1', model: 'claude-sonnet-5-5' })
    expect(request?.body).toContain('project memory canary')
    expect(agents.standIn.hooks.map(({ event }) => event)).toEqual([
      'SessionStart',
      'UserPromptSubmit',
      'Stop',
    ])
    expect(await agents.stage.terminals.screen(worker1)).toContain('bypass permissions on')
    const { stdout } = await agents.subject.runtime.workspaces.runTool(worker1, [
      'workspace',
      'ready',
      'none',
    ])
    expect(stdout).not.toContain('-ran')
  })
})
