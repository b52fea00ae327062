import { describe, expect, it } from 'vitest'
import type { Git } from '../command/git.ts'
import { remember, remembered } from './remembered.ts'

const idOf = (number: number): string => number.toString(16).padStart(40, '0')

/** A git, and how a question about objects is answered: by git, or from memory. */
function begin() {
  const git: Git = Object.assign(() => Promise.reject(new Error('not asked')), { directory: '/' })
  const ask = async (question: string, ...ids: readonly string[]): Promise<string> => {
    let source = 'memory'
    const answer = await remembered(git, question, ids, async () => {
      source = 'git'
      return `answer to ${question} ${ids.join(' ')}`
    })
    return `${source}: ${answer}`
  }
  return { git, ask }
}

describe('a question about objects', () => {
  it('is asked once of each git', async () => {
    const [one, other] = [begin(), begin()]
    expect(await one.ask('tree', idOf(1))).toBe(`git: answer to tree ${idOf(1)}`)
    expect(await one.ask('tree', idOf(1))).toBe(`memory: answer to tree ${idOf(1)}`)
    expect(await one.ask('tree', idOf(2))).toMatch(/^git/)
    expect(await one.ask('parents', idOf(1))).toMatch(/^git/)
    expect(await other.ask('tree', idOf(1))).toMatch(/^git/)
  })

  it('is asked every time when it names a ref', async () => {
    const { ask } = begin()
    for (const name of ['refs/heads/main', 'HEAD', idOf(1).slice(1), `${idOf(1)}^`]) {
      await ask('merge-base', name, idOf(1))
      expect(await ask('merge-base', name, idOf(1))).toMatch(/^git/)
    }
  })

  it('is not asked when the answer is known', async () => {
    const { git, ask } = begin()
    remember(git, 'tree', [idOf(1)], 'known')
    expect(await ask('tree', idOf(1))).toBe('memory: known')
  })

  it('is asked again when git failed', async () => {
    const { git } = begin()
    const fail = () => Promise.reject(new Error('broken'))
    await expect(remembered(git, 'tree', [idOf(1)], fail)).rejects.toThrow('broken')
    expect(await remembered(git, 'tree', [idOf(1)], async () => 'mended')).toBe('mended')
  })

  it('is asked again after very many others, or when its answer is long', async () => {
    const { git, ask } = begin()
    for (let number = 0; number <= 1_000; number += 1) await ask('tree', idOf(number))
    expect(await ask('tree', idOf(1_000))).toMatch(/^memory/)
    expect(await ask('tree', idOf(0))).toMatch(/^git/)
    remember(git, 'parents', [idOf(0)], 'x'.repeat(20_000))
    expect(await ask('parents', idOf(0))).toMatch(/^git/)
  })
})
