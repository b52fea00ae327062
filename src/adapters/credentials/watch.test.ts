import { chmod, mkdir, mkdtemp, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { CredentialId } from '../../core/model/ids.ts'
import type { Vault, VaultChange } from '../../ports/vault.ts'
import type { CredentialSource } from './source.ts'
import { openVault } from './vault.ts'

let root: string
let pool: string
let changes: VaultChange[]
let watching: DisposableStack

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'watched-')))
  pool = join(root, 'pool')
  changes = []
  watching = new DisposableStack()
  await mkdir(pool)
})
afterEach(async () => {
  watching[Symbol.dispose]()
  await rm(root, { recursive: true })
})

const key = (number: number): string => `sk-ant-api03-fake-${number}`
const write = (name: string, text: string, mode = 0o600) =>
  writeFile(join(pool, name), text, { mode })

async function follow(
  source: CredentialSource = { pattern: 'pool/*.json', directory: root },
): Promise<Vault> {
  const { vault } = await openVault(source)
  watching.use(vault.watch((change) => changes.push(change)))
  return vault
}

const until = (check: () => void) => vi.waitFor(check, { timeout: 50_000, interval: 5 })
const keyOf = (vault: Vault, name: string) =>
  vault.environmentOf(CredentialId(name))['ANTHROPIC_API_KEY']
const problems = () =>
  (changes.at(-1)?.problems ?? []).map(({ file, what }) => `${file.slice(pool.length + 1)} ${what}`)
const namesIn = (vault: Vault) => vault.list().map(({ id }) => id)

describe('a pool of credential files that is followed', () => {
  it.each([
    ['written in place', (text: string) => write('a.json', text)],
    [
      'replaced by rename',
      async (text: string) => {
        await write('draft', text)
        await rename(join(pool, 'draft'), join(pool, 'a.json'))
      },
    ],
    [
      'saved by an editor that moves the old one away',
      async (text: string) => {
        await rename(join(pool, 'a.json'), join(pool, 'a.json~'))
        await write('a.json', text)
      },
    ],
  ])('hands out the new value of a file that is %s', async (_, save) => {
    await write('a.json', key(1))
    const vault = await follow()
    for (const number of [2, 3, 4]) {
      await save(key(number))
      await until(() => expect(keyOf(vault, 'a')).toBe(key(number)))
    }
    expect(changes.flatMap(({ changed }) => changed)).toEqual(['a', 'a', 'a'])
    expect(changes.flatMap(({ gone }) => gone)).toEqual([])
  })

  it.each([
    ['empty', '', 'a.json is empty'],
    ['torn', '{"env": {"ANTHROPIC_API', 'a.json is not valid JSON'],
    ['of no known kind', 'hello', 'a.json is neither a settings file nor a token that is known'],
  ])(
    'keeps the last good value of a file that is %s, says so, and takes the next good one',
    async (_, text, said) => {
      await write('a.json', key(1))
      const vault = await follow()
      await write('a.json', text)
      await until(() => expect(problems()).toEqual([said]))
      expect(keyOf(vault, 'a')).toBe(key(1))
      expect(namesIn(vault)).toEqual(['a'])
      await write('a.json', key(2))
      await until(() => expect(problems()).toEqual([]))
      expect(keyOf(vault, 'a')).toBe(key(2))
    },
  )

  it('lets a file in once it is closed to others', async () => {
    await write('a.json', key(1))
    const vault = await follow()
    await write('b.json', key(2), 0o644)
    await until(() =>
      expect(problems()).toEqual(['b.json can be read or written by others (mode 0644)']),
    )
    await chmod(join(pool, 'b.json'), 0o600)
    await until(() => expect(namesIn(vault)).toEqual(['a', 'b']))
  })

  it('never lets a newcomer take the name of one that is in', async () => {
    await write('b.json', key(1))
    const vault = await follow({ pattern: 'pool/*', directory: root })
    await write('a.json', key(1))
    await until(() =>
      expect(problems()).toEqual([`a.json holds the same credential as ${join(pool, 'b.json')}`]),
    )
    expect(namesIn(vault)).toEqual(['b'])
  })

  it('follows when the whole directory is taken away and another put there', async () => {
    await write('a.json', key(1))
    const vault = await follow()
    await rename(pool, join(root, 'old'))
    await until(() => expect(changes.at(-1)?.gone).toEqual(['a']))
    await mkdir(pool)
    await write('a.json', key(2))
    await until(() => expect(keyOf(vault, 'a')).toBe(key(2)))
    await write('b.json', key(3))
    await until(() => expect(namesIn(vault)).toEqual(['a', 'b']))
  })

  it('follows directories that a glob reaches later, and what links lead to', async () => {
    await mkdir(join(root, 'store'))
    await writeFile(join(root, 'store', 'key'), key(1), { mode: 0o600 })
    await symlink('../store/key', join(pool, 'a.json'))
    const vault = await follow({ pattern: 'pool/**/*.json', directory: root })
    await writeFile(join(root, 'store', 'key'), key(2))
    await until(() => expect(keyOf(vault, 'a')).toBe(key(2)))
    await mkdir(join(pool, 'team', 'red'), { recursive: true })
    await write('team/red/b.json', key(3))
    await until(() => expect(namesIn(vault)).toEqual(['a', 'b']))
    await write('team/red/b.json', key(4))
    await until(() => expect(keyOf(vault, 'b')).toBe(key(4)))
  })

  it('still blanks a variable that no file has any more', async () => {
    await write(
      'a.json',
      JSON.stringify({ env: { ANTHROPIC_API_KEY: key(1), ANTHROPIC_MODEL: 'm' } }),
    )
    const vault = await follow([join(pool, 'a.json')])
    await write('a.json', key(2))
    await until(() => expect(keyOf(vault, 'a')).toBe(key(2)))
    expect(vault.environmentOf(CredentialId('a'))).toMatchObject({ ANTHROPIC_MODEL: '' })
  })

  it('takes a credential out when it expires, and back when it is renewed', async () => {
    const expiring = (expiresAt: number) =>
      JSON.stringify({ expiresAt, env: { ANTHROPIC_API_KEY: key(1) } })
    // On a busy machine the file may have expired before it is followed: then it gets more time.
    let vault: Awaited<ReturnType<typeof follow>>
    for (let lifeMs = 700; ; lifeMs *= 2) {
      const expiresAt = Date.now() + lifeMs
      await write('a.json', expiring(expiresAt))
      vault = await follow()
      const names = namesIn(vault)
      if (Date.now() >= expiresAt) continue
      expect(names).toEqual(['a'])
      break
    }
    await until(() => expect(changes.at(-1)?.gone).toEqual(['a']))
    expect(problems()).toEqual([expect.stringMatching(/^a\.json expired at 20/)])
    await write('a.json', expiring(Date.now() + 3_600_000))
    await until(() => expect(namesIn(vault)).toEqual(['a']))
  })

  it('reports nothing of a file that is no credential, nor after the watch was disposed', async () => {
    await write('a.json', key(1))
    const vault = await follow()
    await write('notes.txt', 'hello')
    await write('a.json', key(2))
    await until(() => expect(keyOf(vault, 'a')).toBe(key(2)))
    expect(changes).toHaveLength(1)
    watching[Symbol.dispose]()
    watching = new DisposableStack()
    await write('a.json', key(3))
    watching.use(vault.watch(() => undefined))
    await until(() => expect(keyOf(vault, 'a')).toBe(key(3)))
    expect(changes).toHaveLength(1)
  })
})

it('a pool that could not be searched is searched again soon', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  watching.defer(() => vi.useRealTimers())
  const [above, aside] = [join(root, 'above'), join(root, 'aside')]
  const put = (name: string, text: string) => writeFile(name, text, { mode: 0o600 })
  await mkdir(join(above, 'pool'), { recursive: true })
  await put(join(above, 'pool', 'a.json'), key(1))
  const vault = await follow({ pattern: 'above/pool/*.json', directory: root })
  await put(join(above, 'pool', 'a.json'), key(2))
  await until(() => expect(keyOf(vault, 'a')).toBe(key(2)))

  await rename(above, aside)
  await symlink('above', above)
  await put(join(aside, 'pool', 'b.json'), key(3))
  await until(() => expect(problems().join()).toContain('cannot be searched'))
  await rm(above)
  await rename(aside, above)
  await until(() => {
    vi.advanceTimersByTime(10_000)
    expect(namesIn(vault)).toEqual(['a', 'b'])
  })
})
