import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hubEnvironment } from '../../src/adapters/git/command/environment.ts'
import { createGit, type Git } from '../../src/adapters/git/command/git.ts'
import { hasNoneBelow, readRef } from '../../src/adapters/git/objects/ref-files.ts'
import { findRef } from '../../src/adapters/git/objects/refs.ts'

describe('a ref read from the files of git', () => {
  let directory: string
  let git: Git
  let [first, second] = ['', '']

  const commit = async (message: string): Promise<string> => {
    const tree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'
    const author = ['-c', 'user.name=a', '-c', 'user.email=a@example.org']
    return (await git([...author, 'commit-tree', '-m', message, tree])).text
  }
  const set = (ref: string, id: string) => git(['update-ref', ref, id])

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ref-files-'))
    git = createGit(directory, hubEnvironment(process.env))
    await git(['init', '--quiet', '--bare', '--initial-branch=main'])
    await git(['hash-object', '-t', 'tree', '-w', '--stdin'], { input: '' })
    first = await commit('first')
    second = await commit('second')
  })

  afterEach(() => rm(directory, { recursive: true, force: true }))

  it('is what git says: alone, packed, moved after that, deleted, absent', async () => {
    await set('refs/heads/main', first)
    expect(await readRef(git, 'refs/heads/main')).toBe(first)
    await set('refs/rewritten/main/1', second)
    expect(await hasNoneBelow(git, 'refs/rewritten/main/')).toBe(false)
    await git(['pack-refs', '--all', '--prune'])
    expect(await readRef(git, 'refs/heads/main')).toBe(first)
    expect(await hasNoneBelow(git, 'refs/rewritten/main/')).toBe(false)
    expect(await hasNoneBelow(git, 'refs/rewritten/mai/')).toBe(true)
    await set('refs/heads/main', second)
    expect(await readRef(git, 'refs/heads/main')).toBe(second)
    expect(await readRef(git, 'refs/heads/mai')).toBeNull()
    expect(await readRef(git, 'heads/main')).toBe('unclear')
    await git(['update-ref', '-d', 'refs/heads/main'])
    expect(await readRef(git, 'refs/heads/main')).toBeNull()
    await git(['update-ref', '-d', 'refs/rewritten/main/1'])
    expect(await hasNoneBelow(git, 'refs/rewritten/main/')).toBe(true)
  })

  it('is left to git where something else is there', async () => {
    await set('refs/heads/main', first)
    await git(['symbolic-ref', 'refs/heads/other', 'refs/heads/main'])
    expect(await readRef(git, 'refs/heads/other')).toBe('unclear')
    expect(await findRef(git, 'refs/heads/other')).toBe(first)
    execFileSync('mkfifo', [join(directory, 'refs/heads/pipe')])
    expect(await readRef(git, 'refs/heads/pipe')).toBe('unclear')
    expect(await readRef(git, 'refs/heads')).toBe('unclear')
    expect(await readRef(git, 'refs/heads/../heads/main')).toBe('unclear')
    await writeFile(join(directory, 'refs/heads/empty'), '')
    expect(await readRef(git, 'refs/heads/empty')).toBe('unclear')
    await writeFile(join(directory, 'packed-refs'), 'damaged\n')
    expect(await readRef(git, 'refs/heads/main')).toBe(first)
    expect(await readRef(git, 'refs/heads/none')).toBe('unclear')
    expect(await hasNoneBelow(git, 'refs/none/')).toBe(false)
  })

  it('is left to git in a repository that keeps its refs otherwise', async () => {
    await rm(join(directory, 'refs/heads'), { recursive: true })
    await writeFile(join(directory, 'refs/heads'), 'this repository uses the reftable format\n')
    expect(await readRef(git, 'refs/heads/main')).toBe('unclear')
    expect(await readRef(git, 'refs/tasks/walls')).toBe('unclear')
    expect(await hasNoneBelow(git, 'refs/rewritten/main/')).toBe(false)
    expect(await readFile(join(directory, 'HEAD'), 'utf8')).toContain('ref: ')
  })
})
