import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { importsOf, programFile, readSources, root } from './sources.ts'

const home = 'src/adapters/git/'

/** The rows of the table `Room | Job` of ARCHITECTURE.md, from the top floor down. */
const architecture = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')
const [, table = ''] = /^\| Room \| Job \|\n\|[-|]+\|\n((?:\|.*\n)+)/m.exec(architecture) ?? []
const floors = [...table.matchAll(/^\| (`.+?) \|/gm)].map(([, cell = '']) =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, room = '']) => room),
)

const sources = readSources('src/adapters/git', programFile)

/** `objects/`, or the name of a file outside the rooms. */
const roomOf = (path: string): string => /^[\w.-]+\/?/.exec(path.slice(home.length))?.[0] ?? path
const floorOf = (path: string): number => floors.findIndex((rooms) => rooms.includes(roomOf(path)))

describe('the rooms of adapters/git', () => {
  it('all have a row, and every row has its room', () => {
    const rooms = new Set(sources.map(({ path }) => roomOf(path)))
    expect([...rooms].toSorted()).toEqual(floors.flat().toSorted())
  })

  it('import no room above them', () => {
    const upward = sources.flatMap(importsOf).flatMap(({ from, to }) => {
      const isInside = to.kind === 'file' && to.path.startsWith(home)
      return isInside && floorOf(to.path) < floorOf(from) ? [`${from} imports ${to.path}`] : []
    })
    expect(upward).toEqual([])
  })
})
