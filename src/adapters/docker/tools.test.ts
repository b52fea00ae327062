import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { toolsDirectory } from '../../hosting/tools.ts'
import { createTools } from './tools.ts'

describe('the tools of instances', () => {
  let state: string

  beforeEach(async () => {
    state = await mkdtemp(join(tmpdir(), 'tools-'))
  })

  afterEach(() => rm(state, { recursive: true, force: true }))

  const all = () => readdir(join(state, 'tools'))

  it('are those of the server with its Node, which every user can run', async () => {
    const { directory } = await createTools(state).ready()
    const names = await readdir(directory)
    expect(names.toSorted()).toEqual(
      [...(await readdir(toolsDirectory)), 'carrier', 'node'].toSorted(),
    )
    for (const path of [directory, ...names.map((name) => join(directory, name))])
      expect((await stat(path)).mode & 0o777).toBe(0o755)
    const [own, given] = [await stat(process.execPath), await stat(join(directory, 'node'))]
    expect(given.size).toBe(own.size)
  })

  it('are made once, also when several starts ask at the same time', async () => {
    const tools = createTools(state)
    const [one, other] = await Promise.all([tools.ready(), tools.ready()])
    const made = await stat(one.directory)
    expect(await createTools(state).ready()).toEqual(other)
    expect((await stat(one.directory)).ino).toBe(made.ino)
  })

  it('are made again where a killed server left half of them, or a person removed them', async () => {
    const tools = createTools(state)
    const { directory, build } = await tools.ready()
    await rm(directory, { recursive: true })
    await mkdir(`${directory}.unfinished`)
    await writeFile(join(`${directory}.unfinished`, 'hook'), '')
    await mkdir(directory)
    expect(await tools.ready()).toEqual({ directory, build })
    expect((await stat(join(directory, 'hook'))).size).toBeGreaterThan(0)
    expect(await all()).toEqual([build])
  })

  it('of earlier servers go when no container was started with them', async () => {
    for (const name of ['a-used', 'b-unused', 'c.unfinished'])
      await mkdir(join(state, 'tools', name), { recursive: true })
    const tools = createTools(state)
    await tools.removeUnused(['a-used'])
    const { build } = await tools.ready()
    expect((await all()).toSorted()).toEqual(['a-used', build].toSorted())
  })
})
