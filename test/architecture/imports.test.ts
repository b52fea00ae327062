import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { folderOf, importsOf, programFile, readSources, root, type Import } from './sources.ts'
import { covers, objectionTo, parseTable, rowOf } from './table.ts'

const rows = parseTable(readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8'))
const sources = readSources('src', programFile)
const imports = sources.flatMap(importsOf)

describe('the table of ARCHITECTURE.md', () => {
  it('holds for every import', () => {
    const objections = imports.map((each) => objectionTo(each, rows))
    expect(objections.filter((objection) => objection !== null)).toEqual([])
  })

  it('gives a row to every folder, and names no folder that is not there', () => {
    const folders = new Set(sources.map(({ path }) => folderOf(path)))
    expect([...folders].filter((folder) => rowOf(folder, rows) === null)).toEqual([])
    const named = rows.map(({ folder }) => folder).filter((folder) => folder !== 'adapters/x')
    expect(named.filter((folder) => !folders.has(folder))).toEqual([])
  })

  it('reads from the top floor down: no row imports a row above it', () => {
    const upward = rows.flatMap((row, floor) =>
      rows.slice(0, floor).flatMap((above) => {
        const isImported = row.mayImport?.some((name) => covers(name, above.folder))
        return isImported ? [`${row.folder} imports ${above.folder}, which is above it`] : []
      }),
    )
    expect(upward).toEqual([])
  })

  it.each([
    ['src/core/a.ts', "import { b } from '../engine/b.ts'", 'src/core/a.ts imports engine'],
    ['src/core/a.ts', "import type {\n  B,\n} from '../ports/b.ts'", 'src/core/a.ts imports ports'],
    ['src/core/a.ts', "import 'node:fs'", 'src/core/a.ts imports node:fs'],
    ['src/core/a.ts', "import fs, { join } from 'fs'", 'src/core/a.ts imports fs'],
    ['src/core/a.ts', "import { z } from 'zod'", 'src/core/a.ts imports zod'],
    [
      'src/engine/a.ts',
      "const b = await import('../adapters/git/b.ts')",
      'src/engine/a.ts imports adapters/git',
    ],
    [
      'src/adapters/git/a.ts',
      "export * from '../tmux/b.ts'",
      'src/adapters/git/a.ts imports adapters/tmux',
    ],
    ['src/http/a.ts', "import { pino } from 'pino'", 'src/http/a.ts imports pino'],
    [
      'src/rehearsal/a.ts',
      "import { b } from '../server/b.ts'",
      'src/rehearsal/a.ts imports server',
    ],
    ['src/lib/a.ts', "import { b } from '../core/b.ts'", 'src/lib/a.ts imports core'],
    [
      'src/engine/a.ts',
      "import { b } from '../../test/fakes/b.ts'",
      'src/engine/a.ts imports test/fakes/b.ts',
    ],
    [
      'src/core/model/a.ts',
      "import { b } from '../rules/b.ts'",
      'src/core/model/a.ts imports core/rules',
    ],
    [
      'src/core/rules/a.ts',
      "import type { b } from '../events/b.ts'",
      'core/rules/a.ts imports core/events',
    ],
    [
      'src/http/operator/a.tsx',
      "import { b } from '../instance/b.ts'",
      'a.tsx imports http/instance',
    ],
    ['src/http/operator/a.css', '@import "../../server/b.css";', 'a.css imports server'],
    ['src/cli/a.ts', "import { b } from '../lib/b.ts'", 'src/cli/a.ts: the folder cli has no row'],
  ])('forbids %s: %s', (path, text, objection) => {
    expect(importsOf({ path, text }).map((each) => objectionTo(each, rows))).toEqual([
      expect.stringContaining(objection),
    ])
  })

  it.each([
    ['src/core/a.ts', "import { b } from './b.ts'"],
    ['src/engine/a.ts', "import { b } from '../core/model/b.ts'"],
    ['src/core/rules/a.ts', "import { b } from '../model/b.ts'"],
    ['src/adapters/git/a.ts', "import { simpleGit } from 'simple-git'"],
    ['src/adapters/git/a.ts', "import { join } from 'node:path'"],
    ['src/server/main.ts', "import { b } from './wiring.ts'"],
    ['src/server/wiring.ts', "import { b } from '../adapters/git/b.ts'"],
  ])('allows %s: %s', (path, text) => {
    expect(importsOf({ path, text }).map((each) => objectionTo(each, rows))).toEqual([null])
  })
})

describe('the program', () => {
  it('reaches no builtin of Node from a pure folder, not even through lib', () => {
    const impure = rows
      .filter(({ isPure }) => isPure)
      .flatMap(({ folder }) =>
        sources
          .filter(({ path }) => folderOf(path) === folder)
          .flatMap(({ path }) => builtinsBehind(path)),
      )
    expect(impure).toEqual([])
  })

  it.each([
    ['folders', folderOf],
    ['files', (path: string) => path],
  ])('has no circles between %s, types included', (_, placeOf) => {
    const graph = graphOf(placeOf)
    expect([...graph.keys()].flatMap((place) => circleThrough(place, graph) ?? [])).toEqual([])
  })

  it('gives every library one home, if the table names none', () => {
    const named = new Set(rows.flatMap(({ mayImport }) => mayImport ?? []))
    const homes = Map.groupBy(
      imports.filter(
        ({ from, to }) => to.kind === 'library' && !named.has(to.name) && !joins(from),
      ),
      ({ to }) => (to.kind === 'library' ? to.name : ''),
    )
    const shared = [...homes].map(
      ([library, users]) =>
        [library, [...new Set(users.map(({ from }) => folderOf(from)))]] as const,
    )
    expect(shared.filter(([, folders]) => folders.length > 1)).toEqual([])
  })
})

/** Where the parts are put together everything may be named, types of libraries too. */
const joins = (path: string): boolean => folderOf(path) === 'server'

function importedFiles(path: string): readonly string[] {
  return imports
    .filter(({ from }) => from === path)
    .flatMap(({ to }) => (to.kind === 'file' ? [to.path] : []))
}

function builtinsBehind(start: string): readonly string[] {
  const reached = new Set([start])
  for (const path of reached) for (const next of importedFiles(path)) reached.add(next)
  const builtins = (each: Import) =>
    each.to.kind === 'builtin' && reached.has(each.from)
      ? [`${start} reaches ${each.to.name} in ${each.from}`]
      : []
  return imports.flatMap(builtins)
}

type Graph = ReadonlyMap<string, ReadonlySet<string>>

function graphOf(placeOf: (path: string) => string): Graph {
  const graph = new Map<string, Set<string>>(sources.map(({ path }) => [placeOf(path), new Set()]))
  for (const { from, to } of imports) {
    if (to.kind !== 'file' || placeOf(to.path) === placeOf(from)) continue
    graph.get(placeOf(from))?.add(placeOf(to.path))
  }
  return graph
}

/** The places on a way from `start` back to itself. */
function circleThrough(start: string, graph: Graph): string | null {
  const ways = new Map([...(graph.get(start) ?? [])].map((next) => [next, `${start} → ${next}`]))
  for (const [place, way] of ways) {
    if (place === start) return way
    for (const next of graph.get(place) ?? []) {
      if (!ways.has(next)) ways.set(next, `${way} → ${next}`)
    }
  }
  return null
}
