import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LentCredentialFiles } from '../../src/hosting/lent-credential-file.ts'
import { readAllUntrusted } from '../../src/hosting/untrusted-file.ts'
import { swapForEver } from './support/link-swapper.ts'

/** A race that is lost once in seven looks, as measured before it was closed, shows in so many. */
const LOOKS = 3000

const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }

describe('an instance that exchanges its directory with a link to another one', () => {
  let root: string
  const at = (...names: string[]) => join(root, ...names)
  const folderOf = (instance: string) => at(instance, 'home', '.claude')

  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'link-race-')))
    for (const instance of ['attacker', 'victim'])
      await mkdir(folderOf(instance), { recursive: true })
  })
  afterEach(() => rm(root, { recursive: true, force: true }))

  it.each([
    ['within the state directory', '../../victim/home/.claude'],
    ['by an absolute path', null],
  ])('gets no login of another one: a link %s', async (_name, relative) => {
    const logins = new LentCredentialFiles<string, string>({
      root,
      folder: 'home/.claude',
      name: '.credentials.json',
      limit: 1000,
      owner,
    })
    await logins.place('victim', { id: 'theirs', text: 'secret of the victim' })
    await logins.place('attacker', { id: 'own', text: 'own' })
    const seen = new Set<string>()
    using _listening = logins.watch((key, { text }) => {
      if (key === 'attacker') seen.add(text)
    })
    const link = at('attacker', 'home', 'link')
    await symlink(relative ?? folderOf('victim'), link)
    {
      await using _swapping = await swapForEver(
        folderOf('attacker'),
        link,
        join(folderOf('victim'), '.credentials.json'),
      )
      for (let look = 0; look < LOOKS; look++) {
        const found = await logins.look('attacker')
        if (found !== null) seen.add(found.text)
      }
    }
    await logins.take('attacker')
    await logins.take('victim')
    expect([...seen].filter((text) => text !== 'own')).toEqual([])
    expect(seen.has('own')).toBe(true)
  })

  it('gets no list of files of another one', async () => {
    await writeFile(join(folderOf('victim'), 'theirs'), 'secret')
    await writeFile(join(folderOf('attacker'), 'own'), 'own')
    const link = at('attacker', 'home', 'link')
    await symlink(folderOf('victim'), link)
    const directory = { root: at('attacker'), below: 'home/.claude', uid: owner.uid }
    const seen = new Set<string>()
    {
      await using _swapping = await swapForEver(
        folderOf('attacker'),
        link,
        join(folderOf('victim'), 'theirs'),
      )
      for (let look = 0; look < LOOKS; look++)
        for (const { name } of await readAllUntrusted(directory, () => true, 100)) seen.add(name)
    }
    expect([...seen]).toEqual(['own'])
  })
})
