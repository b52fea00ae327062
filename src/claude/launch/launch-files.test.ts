import { describe, expect, it } from 'vitest'
import { CredentialId, workerId } from '../../core/model/ids.ts'
import type { LaunchOrder } from '../../ports/instances.ts'
import { launchFiles, managedSettings, userSettings } from './launch-files.ts'
import type { Place } from './place.ts'

const order: LaunchOrder = {
  instance: workerId(2),
  role: 'worker',
  number: 2,
  launch: 5,
  totalWorkers: 4,
  token: 'token-canary',
  credential: CredentialId('c'),
  credentialEnvironment: { ANTHROPIC_API_KEY: 'key-canary' },
  login: null,
  tellsUsage: true,
  resume: true,
}
const place: Place = {
  serverUrl: 'http://172.18.0.1:7701',
  network: null,
  outward: {},
  hub: '/hub.git',
  workspace: '/workspace',
  outbox: '/home/worker/.orchestrator/outbox',
  tools: '/usr/local/lib/orchestrator',
  carrier: null,
  settings: '/etc/claude-code/orchestrator',
  targetBranch: 'main',
  model: 'claude-opus-5-5',
  environment: {},
}
const nothing = { environment: {}, arguments: [] }
const launch = (changes: Partial<LaunchOrder> = {}, resume = false) =>
  launchFiles({ order: { ...order, ...changes }, place, resume }, nothing)
const wordsOf = (files: Readonly<Record<string, string>>) =>
  files.arguments?.trimEnd().split('\n') ?? []

describe('the files of a launch', () => {
  it('identify the instance', () => {
    expect(launch().environment?.trimEnd().split('\n')).toEqual([
      'WORKER_ID=2',
      'TOTAL_WORKERS=4',
      'INSTANCE_ROLE=worker',
      'INSTANCE_ID=worker-2',
      'LAUNCH=5',
      'ORCHESTRATOR_URL=http://172.18.0.1:7701',
      'ORCHESTRATOR_TOKEN=token-canary',
      'ORCHESTRATOR_HUB=/hub.git',
      'ORCHESTRATOR_WORKSPACE=/workspace',
      'ORCHESTRATOR_OUTBOX=/home/worker/.orchestrator/outbox',
      'TARGET_BRANCH=main',
      'TZ=UTC',
      'LANG=C.UTF-8',
      'TERM=xterm-256color',
    ])
  })

  it('name the process that carries the tools, without its token', () => {
    expect(JSON.parse(launch()['mcp.json'] ?? '')).toEqual({
      mcpServers: {
        orchestrator: {
          type: 'stdio',
          command: '/usr/local/lib/orchestrator/mcp',
          args: [],
          alwaysLoad: true,
        },
      },
    })
  })

  it('name the carrier, where there is one, without the token', () => {
    const files = launchFiles(
      { order, place: { ...place, carrier: 'http://127.0.0.1:7701' }, resume: false },
      nothing,
    )
    expect(JSON.parse(files['mcp.json'] ?? '')).toEqual({
      mcpServers: {
        orchestrator: { type: 'http', url: 'http://127.0.0.1:7701/mcp', alwaysLoad: true },
      },
    })
    expect(files.environment).toContain('\nORCHESTRATOR_CARRIER=http://127.0.0.1:7701\n')
  })

  it('give a worker every tool and a Manager those that read', () => {
    expect(wordsOf(launch())).toEqual([
      ...['--model', 'claude-opus-5-5', '--permission-mode', 'bypassPermissions'],
      ...['--mcp-config', '/etc/claude-code/orchestrator/mcp.json', '--strict-mcp-config'],
    ])
    expect(wordsOf(launch({ role: 'manager' }))).toEqual(
      expect.arrayContaining(['dontAsk', '--tools', 'Read,Glob,Grep']),
    )
    expect(wordsOf(launch({ role: 'reviewer' }))).toEqual(wordsOf(launch({ role: 'manager' })))
  })

  it('continue a conversation only when there is one', () => {
    expect(wordsOf(launch({}, true))[0]).toBe('--continue')
    expect(wordsOf(launch({}, false))).not.toContain('--continue')
  })

  it('refuse a value with a line break, without quoting it', () => {
    expect(() => launch({ token: 'a\nHOME=/elsewhere' })).toThrow(
      '"ORCHESTRATOR_TOKEN" holds a line break',
    )
    expect(() => launch({ token: 'canary\n' })).toThrow(/^(?!.*canary)/)
  })
})

describe('the settings of an instance', () => {
  it('hold the credential in one file, apart from the policy', () => {
    const files = managedSettings({ order, place, resume: false })
    expect(Object.keys(files)).toEqual(['10-policy.json', '50-credential.json'])
    expect(files['10-policy.json']).not.toContain('key-canary')
    expect(files['50-credential.json']).toContain('key-canary')
  })

  it('make Claude Code report its usage, unless the gateway counts it', () => {
    const policyOf = (tellsUsage: boolean) =>
      managedSettings({ order: { ...order, tellsUsage }, place, resume: false })['10-policy.json']
    expect(policyOf(true)).toContain('http://172.18.0.1:7701/otel/v1/logs')
    expect(policyOf(false)).not.toContain('otel/v1/logs')
  })

  it('are one file where no managed ones can be', () => {
    const { env, hooks } = JSON.parse(userSettings({ order, place, resume: false })) as {
      env: object
      hooks: object
    }
    expect(env).toMatchObject({
      ANTHROPIC_API_KEY: 'key-canary',
      CLAUDE_CODE_OAUTH_TOKEN: '',
      CLAUDE_CODE_STOP_HOOK_BLOCK_CAP: '0',
    })
    expect(hooks).toHaveProperty('Stop')
  })
})
