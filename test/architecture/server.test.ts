import { spawnSync } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'server-'))
  await copyFile(join(import.meta.dirname, '../../server.js'), join(root, 'server.js'))
  await writeFile(join(root, 'package.json'), '{"type": "module"}')
})
afterEach(() => rm(root, { recursive: true }))

async function place(file: string, says: string): Promise<void> {
  await mkdir(join(root, file, '..'), { recursive: true })
  await writeFile(
    join(root, file),
    `console.log(${JSON.stringify(says)}, ...process.argv.slice(2))`,
  )
}

function start(version = process.versions.node) {
  const versions = `{ value: { ...process.versions, node: '${version}' } }`
  const pretend = `Object.defineProperty(process, 'versions', ${versions})`
  return spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${pretend}`, 'server.js', '--config', 'a dir'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  )
}

describe('server.js', () => {
  it('runs the sources with its own arguments', async () => {
    await place('src/server/main.ts', 'sources')
    expect(start()).toMatchObject({ status: 0, stdout: 'sources --config a dir\n' })
  })

  it.each(['20.20.2', '24.11.9', '18.0.0'])(
    'says what to do instead of running with Node %s',
    async (version) => {
      await place('src/server/main.ts', 'sources')
      const { status, stdout, stderr } = start(version)
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
      expect(stderr).toMatch(/needs Node 24\.12 or newer; this is Node .* → npm start/s)
    },
  )

  it.each(['24.12.0', '25.0.0'])('runs with Node %s', async (version) => {
    await place('src/server/main.ts', 'sources')
    expect(start(version).status).toBe(0)
  })

  it('fails when the program does', async () => {
    await mkdir(join(root, 'src/server'), { recursive: true })
    await writeFile(join(root, 'src/server/main.ts'), "throw new Error('out of order')")
    const { status, stderr } = start()
    expect(status).toBe(1)
    expect(stderr).toContain('out of order')
  })
})
