import { describe, expect, it } from 'vitest'
import type { Role } from '../../core/model/roles.ts'
import type { Place } from './place.ts'
import { credentialSettings, policySettings, withCredential } from './settings.ts'

const settingsAt = (
  role: Role,
  tools: string,
  environment: Place['environment'] = {},
  network: Place['network'] = null,
  outward: Place['outward'] = {},
  carrier: Place['carrier'] = null,
) => policySettings(role, { tools, carrier, environment, network, outward })

const policy = settingsAt('worker', '/usr/local/lib/orchestrator', { CI: 'true' })

describe('the policy of an instance', () => {
  it('runs our hook for the events that the server uses, and for no others', () => {
    expect(Object.keys(policy.hooks)).toEqual([
      'SessionStart',
      'UserPromptSubmit',
      'Stop',
      'StopFailure',
      'Notification',
      'PermissionRequest',
      'ConfigChange',
    ])
    expect(policy.hooks.Stop).toEqual([
      {
        hooks: [{ type: 'command', command: '/usr/local/lib/orchestrator/hook Stop', timeout: 30 }],
      },
    ])
  })

  it('posts them to the carrier where there is one, but for the event that is never posted', () => {
    const { hooks } = settingsAt('worker', '/tools', {}, null, {}, 'http://127.0.0.1:7701')
    expect(hooks).toMatchObject({
      SessionStart: [{ hooks: [{ type: 'command', command: '/tools/spool SessionStart' }] }],
      Stop: [{ hooks: [{ type: 'http', url: 'http://127.0.0.1:7701/hooks/Stop', timeout: 30 }] }],
    })
    expect(Object.keys(hooks)).toEqual(Object.keys(policy.hooks))
  })

  it('quotes a path that a shell would split', () => {
    expect(JSON.stringify(settingsAt('worker', "/opt/it's here", {}).hooks.Stop)).toContain(
      `'/opt/it'\\\\''s here/hook' Stop`,
    )
  })

  it('allows a repository no hook, no helper for the credential, no address and no proxy', () => {
    expect(policy).toMatchObject({
      allowManagedHooksOnly: true,
      disableAllHooks: false,
      apiKeyHelper: '',
    })
    expect(policy.env).toMatchObject({
      HTTPS_PROXY: '',
      http_proxy: '',
      CLAUDE_CODE_USE_BEDROCK: '',
      NODE_EXTRA_CA_CERTS: '',
    })
  })

  it('lets the operator set what is otherwise pinned', () => {
    expect(settingsAt('worker', '/tools', { HTTPS_PROXY: 'http://proxy:3128' }).env).toMatchObject({
      HTTPS_PROXY: 'http://proxy:3128',
    })
  })

  it('names the certificates of the operator, which is otherwise pinned', () => {
    const outward = { NODE_EXTRA_CA_CERTS: '/ca.pem', HTTPS_PROXY: 'http://proxy:3128' }
    expect(settingsAt('worker', '/tools', {}, null, outward).env).toMatchObject(outward)
  })

  it('holds nothing of any credential', () => {
    expect(Object.keys(policy.env).filter((name) => /KEY|TOKEN$|BASE_URL/.test(name))).toEqual([])
  })

  it('never lets a turn wait for a human', () => {
    for (const role of ['manager', 'worker', 'reviewer'] as const) {
      const { permissions } = settingsAt(role, '/tools', {})
      expect(permissions.disableAutoMode).toBe('disable')
      expect(permissions.deny).toEqual(
        expect.arrayContaining(['AskUserQuestion', 'EnterPlanMode', 'ExitPlanMode']),
      )
    }
  })

  it('allows Manager and reviewers only to read', () => {
    for (const role of ['manager', 'reviewer'] as const) {
      const { permissions } = settingsAt(role, '/tools', {})
      expect(permissions.defaultMode).toBe('dontAsk')
      expect(permissions.allow).toEqual(['Read', 'Glob', 'Grep', 'mcp__orchestrator'])
      expect(permissions.deny).toEqual(
        expect.arrayContaining(['Bash', 'Write', 'Edit', 'Agent', 'WebFetch']),
      )
    }
  })
})

describe('a credential', () => {
  it('switches off every other, so that no key is sent to the address of the one before', () => {
    expect(credentialSettings({ ANTHROPIC_API_KEY: 'key' }).env).toEqual({
      ANTHROPIC_BASE_URL: '',
      ANTHROPIC_API_KEY: 'key',
      ANTHROPIC_AUTH_TOKEN: '',
      ANTHROPIC_CUSTOM_HEADERS: '',
      CLAUDE_CODE_OAUTH_TOKEN: '',
    })
  })

  it('is replaced in a settings file that holds the policy as well', () => {
    const settings = JSON.stringify({
      model: 'opus',
      env: { TZ: 'UTC', CLAUDE_CODE_OAUTH_TOKEN: 'old' },
    })
    const replaced = withCredential(settings, { ANTHROPIC_AUTH_TOKEN: 'new' })
    expect(JSON.parse(replaced ?? '')).toMatchObject({
      model: 'opus',
      env: { TZ: 'UTC', CLAUDE_CODE_OAUTH_TOKEN: '', ANTHROPIC_AUTH_TOKEN: 'new' },
    })
  })

  it('is not put into a file without settings', () => {
    expect(withCredential('{"env":', {})).toBeNull()
    expect(withCredential('[]', {})).toBeNull()
  })
})
