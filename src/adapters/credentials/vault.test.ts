import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CredentialId } from '../../core/model/ids.ts'
import { describeProblems } from '../../lib/problem.ts'
import { findFiles } from './find-files.ts'
import { openVault } from './vault.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'credentials-'))
})
afterEach(() => rm(directory, { recursive: true }))

async function write(name: string, content: string | object, mode = 0o600): Promise<string> {
  const file = join(directory, name)
  await mkdir(join(file, '..'), { recursive: true })
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content), { mode })
  return file
}

const apiKey = 'sk-ant-api03-fake-canary'
const setupToken = 'sk-ant-oat01-fake-canary'

async function onlyProblem(...files: string[]): Promise<string> {
  const { problems } = await openVault(files)
  expect(problems).toHaveLength(1)
  return describeProblems(problems)
}

describe('a vault', () => {
  it('takes provider variables along and leaves other settings of the file behind', async () => {
    const env = {
      ANTHROPIC_AUTH_TOKEN: 'fake',
      ANTHROPIC_BASE_URL: 'https://gateway.example',
      ANTHROPIC_MODEL: 'm',
      API_TIMEOUT_MS: 600000,
      EDITOR: 'vi',
    }
    const { vault } = await openVault([
      await write('gateway.json', { env, permissions: { allow: ['Bash'] } }),
    ])
    expect(vault.environmentOf(CredentialId('gateway'))).toEqual({
      ANTHROPIC_AUTH_TOKEN: 'fake',
      ANTHROPIC_BASE_URL: 'https://gateway.example',
      ANTHROPIC_MODEL: 'm',
      API_TIMEOUT_MS: '600000',
      ANTHROPIC_API_KEY: '',
      CLAUDE_CODE_OAUTH_TOKEN: '',
      ANTHROPIC_CUSTOM_HEADERS: '',
    })
  })

  const wayOf = async (...envs: object[]) => {
    const files = await Promise.all(envs.map((env, index) => write(`${index}.json`, { env })))
    const { way, problems } = await openVault(files, 'auto')
    return problems.length > 0 ? problems : way
  }
  const key = { ANTHROPIC_API_KEY: apiKey, ANTHROPIC_BASE_URL: 'https://gateway.example' }

  it('leaves API keys and auth tokens to the gateway unless the operator decides', async () => {
    expect(await wayOf(key, { ANTHROPIC_AUTH_TOKEN: 'fake' })).toBe('gateway')
    expect(await wayOf(key, { CLAUDE_CODE_OAUTH_TOKEN: setupToken })).toBe('file')
    const headers = { ANTHROPIC_CUSTOM_HEADERS: 'x-team: a' }
    expect(await wayOf(key, { ANTHROPIC_AUTH_TOKEN: 'fake', ...headers })).toBe('file')
    const { way } = await openVault([await write('key.json', { env: key })], 'file')
    expect(way).toBe('file')
  })

  it('has no setup token for the gateway, which may not use it', async () => {
    const { problems } = await openVault([await write('setup', setupToken)], 'gateway')
    expect(describeProblems(problems)).toContain('is a setup token, which')
  })

  it('never leaves the address of one credential in force for the key of another', async () => {
    const gateway = await write('a.json', {
      env: { ANTHROPIC_AUTH_TOKEN: 'fake', ANTHROPIC_BASE_URL: 'https://gateway.example' },
    })
    const { vault } = await openVault([
      gateway,
      await write('b.json', { env: { ANTHROPIC_API_KEY: apiKey } }),
    ])
    expect(vault.environmentOf(CredentialId('b'))).toMatchObject({
      ANTHROPIC_BASE_URL: '',
      ANTHROPIC_AUTH_TOKEN: '',
    })
  })

  it('takes the token of a login that has no refresh token, which cannot be invalidated by a renewal', async () => {
    const login = {
      claudeAiOauth: {
        accessToken: setupToken,
        refreshToken: null,
        expiresAt: Date.now() + 3_600_000,
        scopes: [],
      },
    }
    const { vault, problems } = await openVault([await write('a.json', login)])
    expect(problems).toEqual([])
    expect(vault.list()).toEqual([{ id: 'a', kind: 'oauth-token' }])
    expect(vault.environmentOf(CredentialId('a'))).toMatchObject({
      CLAUDE_CODE_OAUTH_TOKEN: setupToken,
    })
  })

  it('counts keys in headers and addresses as secrets', async () => {
    const env = {
      ANTHROPIC_API_KEY: apiKey,
      ANTHROPIC_CUSTOM_HEADERS: 'X-Key: fake-header',
      ANTHROPIC_BASE_URL: 'https://me:fake-password@gateway.example',
    }
    const { vault } = await openVault([await write('a.json', { env })])
    expect(vault.secrets()).toEqual(
      expect.arrayContaining([apiKey, 'fake-header', 'fake-password']),
    )
  })

  it('keeps what is good beside what is not', async () => {
    const { vault, problems } = await openVault([
      await write('bad.json', '{'),
      await write('good.json', apiKey),
    ])
    expect(vault.list()).toEqual([{ id: 'good', kind: 'api-key' }])
    expect(problems.map(({ file }) => file)).toEqual([join(directory, 'bad.json')])
  })

  it.each([0o640, 0o604, 0o620, 0o602])(
    'refuses a file with mode %o and says how to close it',
    async (mode) => {
      const file = await write('open.json', apiKey)
      await chmod(file, mode)
      expect(await onlyProblem(file)).toContain(`chmod 600 '${file}'`)
    },
  )

  it('judges the file behind a link, not the link', async () => {
    const target = await write('store/key', apiKey)
    const link = join(directory, 'key.json')
    await symlink(target, link)
    const { vault } = await openVault([link])
    expect(vault.list()).toEqual([{ id: 'key', kind: 'api-key' }])
    await chmod(target, 0o644)
    expect(await onlyProblem(link)).toContain('mode 0644')
  })

  it('does not hang on a named pipe', async () => {
    const pipe = join(directory, 'pipe.json')
    execFileSync('mkfifo', ['-m', '600', pipe])
    expect(await onlyProblem(pipe)).toContain('is not a regular file')
  })

  it('refuses two files of one name and two files with one credential', async () => {
    const first = await write('a/team.json', apiKey)
    expect(await onlyProblem(first, await write('b/team.json', setupToken))).toContain(
      `the same name as ${first}`,
    )
    expect(
      await onlyProblem(first, await write('b/other.json', { env: { ANTHROPIC_API_KEY: apiKey } })),
    ).toContain(`the same credential as ${first}`)
  })

  it.each([
    ['an empty file', ' \n', 'is empty'],
    ['broken JSON', `{"env": {"ANTHROPIC_API_KEY": "${apiKey}"`, 'is not valid JSON'],
    ['settings without a credential', { env: { ANTHROPIC_MODEL: 'm' } }, 'no credential'],
    [
      'settings with two',
      { env: { ANTHROPIC_API_KEY: apiKey, CLAUDE_CODE_OAUTH_TOKEN: setupToken } },
      'more than one credential',
    ],
    [
      'a token under the wrong name',
      { env: { ANTHROPIC_API_KEY: setupToken } },
      'name it CLAUDE_CODE_OAUTH_TOKEN',
    ],
    [
      'another provider',
      { env: { ANTHROPIC_API_KEY: apiKey, CLAUDE_CODE_USE_BEDROCK: '1' } },
      'CLAUDE_CODE_USE_BEDROCK',
    ],
    ['JSON of another shape', { apiKey }, 'is not a credential that is known'],
    ['a token of another service', 'ghp_fake-canary', 'neither a settings file nor a token'],
    ['two tokens', `${apiKey}\n${apiKey}`, 'more than one line'],
    ['a placeholder', { env: { ANTHROPIC_AUTH_TOKEN: '<your token>' } }, 'placeholder'],
    [
      'what has expired',
      { env: { ANTHROPIC_API_KEY: apiKey }, expiresAt: '2020-01-01T00:00:00Z' },
      'expired at 2020-01-01T00:00:00.000Z',
    ],
    [
      'an expiry that is no time',
      { env: { ANTHROPIC_API_KEY: apiKey }, expiresAt: 'soon-canary' },
      '"expiresAt" that is no time',
    ],
    [
      'an expired token of a login',
      { claudeAiOauth: { accessToken: setupToken, refreshToken: null, expiresAt: 1 } },
      'expired at 1970',
    ],
    [
      'half a login',
      { claudeAiOauth: { accessToken: 'two words', refreshToken: 'fake-canary', expiresAt: 1 } },
      'log in again',
    ],
  ])('refuses %s without quoting it', async (_, content, words) => {
    const said = await onlyProblem(await write('c.json', content))
    expect(said).toContain(words)
    expect(said).toContain(join(directory, 'c.json'))
    expect(said).not.toContain('canary')
  })

  it('names the file that it could not find', async () => {
    expect(await onlyProblem(join(directory, 'gone.json'))).toMatch(
      /gone\.json: cannot be read \(ENOENT\)/,
    )
  })
})

describe('the search for credential files', () => {
  it('sorts what the glob matches and leaves directories and dangling links out', async () => {
    await Promise.all([
      write('b.json', apiKey),
      write('a.json', apiKey),
      write('c.json/x', apiKey),
      write('d.txt', apiKey),
    ])
    await symlink(join(directory, 'nowhere'), join(directory, 'e.json'))
    expect(await findFiles('*.json', directory)).toEqual([
      join(directory, 'a.json'),
      join(directory, 'b.json'),
    ])
  })

  it('takes a directory literally whose name looks like a glob', async () => {
    await write('keys (old) [1]/a.json', apiKey)
    const odd = join(directory, 'keys (old) [1]')
    expect(await findFiles('*.json', odd)).toEqual([join(odd, 'a.json')])
  })
})
