import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from './sources.ts'

const markdown = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')
const table = /^\| New \| Files \|\n\|[-|]+\|\n((?:\|.*\n)+)/m.exec(markdown)?.[1] ?? ''
const rows = table
  .trimEnd()
  .split('\n')
  .map((line) => {
    const [, name = '', files = ''] = line.split('|').map((cell) => cell.trim())
    return { name, paths: [...files.matchAll(/`([\w./<>-]+\.ts)`/g)].map(([, path = '']) => path) }
  })

/** Files that a new thing creates under these very names. */
const created = new Set(['ports/forge.ts', 'server/forges.ts'])

describe('the files that a new thing needs, in ARCHITECTURE.md', () => {
  it('are listed for the things that grow', () => {
    expect(rows.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['role', 'gate', 'tool (MCP)', 'setting', 'runtime', 'forge']),
    )
  })

  it.each(rows)('are there for a $name, ten at most', ({ paths }) => {
    expect(paths.length).toBeLessThanOrEqual(10)
    const existing = paths.filter((path) => !path.includes('<') && !created.has(path))
    expect(existing.filter((path) => !existsSync(join(root, 'src', path)))).toEqual([])
  })
})
