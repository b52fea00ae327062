import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const script = join(import.meta.dirname, '../../docker/verified-package.sh')

let directory: string
let tarball: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'verified-'))
  const source = join(directory, 'source')
  tarball = join(directory, 'tiny-1.0.0.tgz')
  const make = `
    mkdir ${source} && cd ${source}
    echo '{"name":"tiny","version":"1.0.0","scripts":{"prepack":"touch ${directory}/ran"}}' >package.json
    echo binary >claude
    npm pack --ignore-scripts --silent --pack-destination ${directory}`
  execFileSync('sh', ['-c', make])
})
afterEach(() => rmSync(directory, { recursive: true }))

const checksum = (): string =>
  `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`

function unpack(expected: string) {
  const target = join(directory, 'target')
  const { status, stderr } = spawnSync('sh', [script, `file:${tarball}`, expected, target], {
    encoding: 'utf8',
  })
  return { status, stderr, found: existsSync(target) ? readdirSync(target).toSorted() : null }
}

describe('a package that is installed by its checksum', () => {
  it('is unpacked when it is the one that was pinned', () => {
    const { status, found } = unpack(checksum())
    expect([status, found]).toEqual([0, ['claude', 'package.json']])
    expect(existsSync(join(directory, 'ran'))).toBe(false)
  })

  it('is refused, with nothing installed, when the registry gives another one', () => {
    const pinned = checksum()
    writeFileSync(join(directory, 'source/claude'), 'a stolen key')
    spawnSync('npm', ['pack', '--ignore-scripts', '--pack-destination', directory], {
      cwd: join(directory, 'source'),
    })
    const { status, stderr, found } = unpack(pinned)
    expect([status, found]).toEqual([1, null])
    expect(stderr).toContain('nothing of it was installed')
  })

  it('is refused without a checksum', () => {
    expect(unpack('')).toMatchObject({ status: 1, found: null })
  })
})
