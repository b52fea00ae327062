import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { folderOf, importsOf, readSources, root } from './sources.ts'
import type { Import } from './sources.ts'
import { objectionTo, parseTable } from './table.ts'

const rows = parseTable(readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8'))
const sources = readSources('src', /(?<!\.test)\.ts$/)
const imports = sources.flatMap(importsOf)

describe('the table of ARCHITECTURE.md', () => {
  it('holds for every import', () => {
    expect(imports.map((each) => objectionTo(each, rows)).filter((objection) => objection !== null)).toEqual([])
  })

  it('gives a row to every folder', () => {
    const named = rows.map(({ folder }) => folder)
    expect(named).toEqual(
      expect.arrayContaining(['core', 'claude', 'ports', 'engine', 'adapters/x', 'config', 'http', 'rehearsal', 'wiring.ts']),
    )
  })

  it.each([
    ['src/core/a.ts', "import { b } from '../engine/b.ts'", 'src/core/a.ts imports engine'],
    ['src/core/a.ts', "import type {\n  B,\n} from '../ports/b.ts'", 'src/core/a.ts imports ports'],
    ['src/core/a.ts', "import 'node:fs'", 'src/core/a.ts imports node:fs'],
    ['src/core/a.ts', "import fs, { join } from 'fs'", 'src/core/a.ts imports fs'],
    ['src/core/a.ts', "import { z } from 'zod'", 'src/core/a.ts imports zod'],
    ['src/engine/a.ts', "const b = await import('../adapters/git/b.ts')", 'src/engine/a.ts imports adapters/git'],
    ['src/adapters/git/a.ts', "export * from '../tmux/b.ts'", 'src/adapters/git/a.ts imports adapters/tmux'],
    ['src/http/a.ts', "import { pino } from 'pino'", 'src/http/a.ts imports pino'],
    ['src/rehearsal/a.ts', "import { b } from '../wiring.ts'", 'src/rehearsal/a.ts imports wiring.ts'],
    ['src/lib/a.ts', "import { b } from '../core/b.ts'", 'src/lib/a.ts imports core'],
    ['src/engine/a.ts', "import { b } from '../../test/fakes/b.ts'", 'src/engine/a.ts imports test/fakes/b.ts'],
    ['src/cli/a.ts', "import { b } from '../lib/b.ts'", 'src/cli/a.ts: the folder cli has no row'],
  ])('forbids %s: %s', (path, text, objection) => {
    expect(importsOf({ path, text }).map((each) => objectionTo(each, rows))).toEqual([expect.stringContaining(objection)])
  })

  it.each([
    ['src/core/a.ts', "import { b } from './b.ts'"],
    ['src/engine/a.ts', "import { b } from '../core/b.ts'"],
    ['src/adapters/git/a.ts', "import { simpleGit } from 'simple-git'"],
    ['src/adapters/git/a.ts', "import { join } from 'node:path'"],
    ['src/main.ts', "import { b } from './wiring.ts'"],
    ['src/wiring.ts', "import { b } from './adapters/git/b.ts'"],
  ])('allows %s: %s', (path, text) => {
    expect(importsOf({ path, text }).map((each) => objectionTo(each, rows))).toEqual([null])
  })
})

describe('the program', () => {
  it('reaches no builtin of Node from a pure folder, not even through lib', () => {
    const impure = rows
      .filter(({ isPure }) => isPure)
      .flatMap(({ folder }) => sources.filter(({ path }) => folderOf(path) === folder).flatMap(({ path }) => builtinsBehind(path)))
    expect(impure).toEqual([])
  })

  it('has no cycles between folders', () => {
    expect([...folderGraph().keys()].flatMap((folder) => cycleThrough(folder) ?? [])).toEqual([])
  })

  it('gives every library one home, if the table names none', () => {
    const named = new Set(rows.flatMap(({ mayImport }) => mayImport ?? []))
    const homes = Map.groupBy(
      imports.filter(({ from, to }) => to.kind === 'library' && !named.has(to.name) && !joins(from)),
      ({ to }) => (to.kind === 'library' ? to.name : ''),
    )
    const shared = [...homes].map(([library, users]) => [library, [...new Set(users.map(({ from }) => folderOf(from)))]] as const)
    expect(shared.filter(([, folders]) => folders.length > 1)).toEqual([])
  })
})

/** Where the parts are put together everything may be named, types of libraries too. */
const joins = (path: string): boolean => path === 'src/main.ts' || path === 'src/wiring.ts'

function importedFiles(path: string): readonly string[] {
  return imports.filter(({ from }) => from === path).flatMap(({ to }) => (to.kind === 'file' ? [to.path] : []))
}

function builtinsBehind(start: string): readonly string[] {
  const reached = new Set([start])
  for (const path of reached) for (const next of importedFiles(path)) reached.add(next)
  const builtins = (each: Import) =>
    each.to.kind === 'builtin' && reached.has(each.from) ? [`${start} reaches ${each.to.name} in ${each.from}`] : []
  return imports.flatMap(builtins)
}

function folderGraph(): ReadonlyMap<string, ReadonlySet<string>> {
  const graph = new Map<string, Set<string>>(sources.map(({ path }) => [folderOf(path), new Set()]))
  for (const { from, to } of imports) {
    if (to.kind === 'file' && folderOf(to.path) !== folderOf(from)) graph.get(folderOf(from))?.add(folderOf(to.path))
  }
  return graph
}

/** The folders on a way from `start` back to itself. */
function cycleThrough(start: string): string | null {
  const graph = folderGraph()
  const ways = new Map([...(graph.get(start) ?? [])].map((next) => [next, `${start} → ${next}`]))
  for (const [folder, way] of ways) {
    if (folder === start) return way
    for (const next of graph.get(folder) ?? []) if (!ways.has(next)) ways.set(next, `${way} → ${next}`)
  }
  return null
}
