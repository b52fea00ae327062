import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createOrigin, git } from '../sample/repository.ts'
import { judgePublication, readPublication } from './publication.ts'

let state: string
let origin: string
beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), 'publication-'))
  origin = join(state, 'origin.git')
  await createOrigin(origin, 'main', [{ path: 'a.js', text: 'export {}\n' }])
  await git(state, 'clone', '--quiet', '--bare', origin, 'hub.git')
})
afterEach(() => rm(state, { recursive: true }))

async function commitToOrigin(path: string): Promise<string> {
  const work = join(state, 'work')
  await git(state, 'clone', '--quiet', origin, work)
  await writeFile(join(work, path), 'export const b = 1\n')
  await git(work, 'add', '--all')
  await git(work, 'commit', '--quiet', '--message', 'Add a file')
  await git(work, 'push', '--quiet', 'origin', 'main')
  return git(work, 'rev-parse', 'HEAD')
}

describe('the publication of a run', () => {
  it('is complete when the origin has the files of the hub', async () => {
    const head = await git(origin, 'rev-parse', 'main')
    const publication = await readPublication({ origin, state })
    expect(publication).toEqual({ published: true, originHead: head, hubHead: head })
    expect(judgePublication(publication).problem).toBeNull()
  })

  it('is not when a file differs', async () => {
    const originHead = await commitToOrigin('b.js')
    const publication = await readPublication({ origin, state })
    expect(publication).toMatchObject({ published: false, originHead })
    expect(judgePublication(publication).problem).toContain(originHead)
  })

  it('is not when the origin cannot be read', async () => {
    await rm(origin, { recursive: true })
    expect(await readPublication({ origin, state })).toMatchObject({
      published: false,
      originHead: null,
    })
  })
})
