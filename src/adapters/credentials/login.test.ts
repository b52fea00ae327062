import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { CredentialId } from '../../core/model/ids.ts'
import type { VaultChange } from '../../ports/vault.ts'
import { openVault } from './vault.ts'

const patience = { timeout: 50_000, interval: 10 }
const team = CredentialId('team')

const loginText = (name: string, hours = 1): string =>
  JSON.stringify({
    claudeAiOauth: {
      accessToken: `access-${name}`,
      refreshToken: `refresh-${name}`,
      expiresAt: Date.now() + hours * 3_600_000,
      scopes: ['user:inference'],
    },
  })

describe('a login in the pool', () => {
  let directory: string
  let opened: DisposableStack
  const write = async (name: string, text: string): Promise<string> => {
    const file = join(directory, name)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(`${file}.draft`, text, { mode: 0o600 })
    await rename(`${file}.draft`, file)
    return file
  }
  const openPool = (pattern = '**/*.json', way: 'auto' | 'file' | 'gateway' = 'file') =>
    openVault({ pattern, directory }, way)

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'logins-'))
    opened = new DisposableStack()
  })
  afterEach(async () => {
    opened.dispose()
    await rm(directory, { recursive: true })
  })

  it('gives no variables but its text, and both tokens are secrets', async () => {
    await write('team.json', loginText('one', -1))
    const { vault, problems } = await openPool()
    expect(problems).toEqual([])
    expect(vault.list()).toEqual([{ id: team, kind: 'login' }])
    expect(new Set(Object.values(vault.environmentOf(team)))).toEqual(new Set(['']))
    expect(vault.loginOf(team)).toContain('refresh-one')
    expect(vault.secrets().toSorted()).toEqual(['access-one', 'refresh-one'])
  })

  it('is known by its directory when it is called like all logins', async () => {
    await write('alice/.credentials.json', loginText('one'))
    await write('bob/.claude/.credentials.json', loginText('two'))
    const { vault } = await openPool('{alice,bob/.claude}/.credentials.json')
    expect(vault.list().map(({ id }) => id)).toEqual(['alice', 'bob'])
  })

  it('is refused in two files, and where only a gateway would use it', async () => {
    await write('team.json', loginText('one'))
    expect((await openPool('*.json', 'gateway')).problems).toMatchObject([
      { what: 'is a login, which only Claude Code itself may use' },
    ])
    expect((await openPool('*.json', 'auto')).way).toBe('file')
    await write('twin.json', loginText('one'))
    expect((await openPool()).problems).toMatchObject([
      { what: expect.stringContaining('the same credential') },
    ])
  })

  it('is written back into its file, behind a link too, and what it was stays beside it', async () => {
    const file = await write('store/team', loginText('one'))
    await symlink(file, join(directory, 'team.json'))
    const { vault } = await openPool('*')
    expect(await vault.keepLogin(team, loginText('two', 2))).toEqual({ type: 'kept' })
    expect(JSON.parse(await readFile(join(directory, 'team.json'), 'utf8'))).toMatchObject({
      claudeAiOauth: { refreshToken: 'refresh-two' },
    })
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await readFile(`${file}.previous`, 'utf8')).toContain('refresh-one')
    expect((await readdir(join(directory, 'store'))).toSorted()).toEqual(['team', 'team.previous'])
    expect(vault.loginOf(team)).toContain('refresh-two')
    expect(vault.secrets()).toEqual(
      expect.arrayContaining(['refresh-one', 'refresh-two', 'access-two']),
    )
    expect((await openPool('{*,store/*.previous}')).problems).toEqual([])
  })

  it('takes nothing that is torn, older or known already', async () => {
    const file = await write('team.json', loginText('one', 2))
    const { vault } = await openPool()
    const before = await readFile(file, 'utf8')
    expect(await vault.keepLogin(team, loginText('two', 3).slice(0, -5))).toMatchObject({
      type: 'refused',
    })
    expect(await vault.keepLogin(team, loginText('two', 1))).toMatchObject({
      type: 'refused',
      reason: expect.stringContaining('older'),
    })
    expect(await vault.keepLogin(team, loginText('one', 9))).toEqual({ type: 'known' })
    expect(await readFile(file, 'utf8')).toBe(before)
    expect(await readdir(directory)).toEqual(['team.json'])
  })

  it('is not renewed without end', async () => {
    await write('team.json', loginText('0'))
    const { vault } = await openPool()
    for (let number = 1; number <= 100; number += 1) {
      expect(await vault.keepLogin(team, loginText(String(number), number + 1))).toEqual({
        type: 'kept',
      })
    }
    expect(await vault.keepLogin(team, loginText('101', 102))).toMatchObject({ type: 'refused' })
  })

  it('is replaced by the last of many renewals at once', async () => {
    const file = await write('team.json', loginText('0'))
    const { vault } = await openPool()
    await Promise.all(
      [1, 2, 3, 4].map((number) => vault.keepLogin(team, loginText(String(number), number + 1))),
    )
    expect(await readFile(file, 'utf8')).toContain('refresh-4')
    expect(await readFile(`${file}.previous`, 'utf8')).toContain('refresh-3')
  })

  it('changes by an operator who logs in again, and not by what the vault wrote itself', async () => {
    await write('team.json', loginText('one'))
    const { vault } = await openPool()
    const changes: VaultChange[] = []
    opened.use(vault.watch((change) => changes.push(change)))
    for (let number = 2; number <= 40; number += 1)
      await vault.keepLogin(team, loginText(String(number), number))
    await write('team.json', loginText('again', 1))
    await vi.waitFor(() => expect(vault.loginOf(team)).toContain('refresh-again'), patience)
    expect(changes).toMatchObject([{ changed: [team], problems: [] }])
    expect(await vault.keepLogin(team, loginText('40', 40))).toEqual({ type: 'known' })
    expect(vault.loginOf(team)).toContain('refresh-again')
  })

  it('is not lost when its file cannot be written, and not put where it was taken away', async () => {
    const file = await write('inner/team.json', loginText('one'))
    const { vault } = await openPool()
    opened.use(vault.watch(() => undefined))
    await mkdir(`${file}.previous`)
    await expect(vault.keepLogin(team, loginText('two', 2))).rejects.toThrow(file)
    expect(vault.loginOf(team)).toContain('refresh-one')
    await rm(`${file}.previous`, { recursive: true })
    await chmod(file, 0o600)
    await rm(file)
    await vi.waitFor(() => expect(vault.list()).toEqual([]), patience)
    expect(await vault.keepLogin(team, loginText('two', 2))).toEqual({ type: 'kept' })
    expect(vault.loginOf(team)).toContain('refresh-two')
    expect(await readdir(join(directory, 'inner'))).toEqual([])
  })
})
