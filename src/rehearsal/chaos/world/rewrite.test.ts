import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Setup } from '../../runner/setup.ts'
import { createOrigin, git } from '../../sample/repository.ts'
import { noteIn } from './edits.ts'
import { Human } from './human.ts'
import { answerBy, takeBack } from './rewrite.ts'

let root: string
let setup: Setup
let human: Human
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'rewrite-'))
  const origin = join(root, 'origin.git')
  setup = { root, origin, state: join(root, 'state') } as unknown as Setup
  await createOrigin(origin, 'main', [{ path: 'README.md', text: 'hello\n' }])
  human = new Human(setup)
  await human.update()
})
afterEach(() => rm(root, { recursive: true }))

async function mergeTask(id: string): Promise<string> {
  const { clone } = human
  await git(clone, 'switch', '--quiet', '--create', id)
  await git(clone, 'commit', '--quiet', '--allow-empty', '--message', id)
  await git(clone, 'switch', '--quiet', 'main')
  await git(clone, 'merge', '--quiet', '--no-ff', '--message', `${id}\n\nTask: ${id}`, id)
  await human.pushHead()
  return git(clone, 'rev-parse', 'HEAD')
}

const copyToHub = (): Promise<string> =>
  git(root, 'clone', '--quiet', '--bare', setup.origin, join(setup.state, 'hub.git'))

describe('a person who takes merged work back', () => {
  it('resets the origin to before the last merge, and knows what is gone', async () => {
    const kept = await mergeTask('a')
    const merge = await mergeTask('b')
    const pushed = await human.push('Add a note', noteIn('README.md', 1))
    await copyToHub()
    const rewrite = await takeBack(human, setup)
    expect(rewrite).toMatchObject({ before: pushed?.commit, after: kept, tasks: ['b'] })
    expect(rewrite?.commits).toEqual(expect.arrayContaining([merge, pushed?.commit]))
    expect(rewrite?.commits).toHaveLength(3)
    expect(await git(setup.origin, 'rev-parse', 'main')).toBe(kept)
  })

  it('leaves the origin alone when the hub lacks what it has', async () => {
    await copyToHub()
    const merge = await mergeTask('a')
    expect(await takeBack(human, setup)).toBeNull()
    expect(await git(setup.origin, 'rev-parse', 'main')).toBe(merge)
  })

  it('does not want it gone for good when another task builds on it', () => {
    const entry = { path: 'src/index.js', below: '// a', line: 'a' }
    const task = (id: string, ...dependsOn: string[]) => ({ id, dependsOn, files: [], entry })
    const rewrite = { before: 'b', after: 'a', commits: ['b'], tasks: ['b'] }
    expect(answerBy(0.1, rewrite, [task('b'), task('c')])).toBe('follow')
    expect(answerBy(0.1, rewrite, [task('b'), task('c', 'b')])).toBe('keep')
    expect(answerBy(0.6, rewrite, [])).toBe('keep')
    expect(answerBy(0.9, rewrite, [])).toBe('put-back')
  })
})
