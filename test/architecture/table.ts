import { folderOf, type Import } from './sources.ts'

export interface Row {
  /** `core/model`; `adapters/x` stands for each adapter. */
  readonly folder: string
  readonly isPure: boolean
  /** Folders, each with everything below it, and libraries; null is everything. */
  readonly mayImport: readonly string[] | null
  readonly hasOwnLibrary: boolean
}

/** Reads the table `Folder | Job | May import` of ARCHITECTURE.md, from the top floor down. */
export function parseTable(markdown: string): readonly Row[] {
  const shape = /^\| Folder \| Job \| May import \|\n\|[-|]+\|\n((?:\|.*\n)+)/m
  const table = shape.exec(markdown)?.[1]
  if (table === undefined) {
    throw new Error('ARCHITECTURE.md has no table "| Folder | Job | May import |"')
  }
  return table.trimEnd().split('\n').map(parseRow)
}

function parseRow(line: string): Row {
  const [, folder = '', job = '', imports = ''] = line.split('|').map((cell) => cell.trim())
  return {
    folder: (wordsIn(folder)[0] ?? '').replace(/\/$/, ''),
    isPure: /\bpure\b|interfaces only/.test(job),
    mayImport: imports === 'everything' ? null : wordsIn(imports),
    hasOwnLibrary: imports.includes('library that is its own'),
  }
}

function wordsIn(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word)
}

/** The row of a folder; folders below an adapter belong to the adapter. */
export function rowOf(folder: string, rows: readonly Row[]): Row | null {
  return rows.find((row) => row.folder === (isAdapter(folder) ? 'adapters/x' : folder)) ?? null
}

/** True when `name`, as a row writes it, means `folder` or a folder around it. */
export function covers(name: string, folder: string): boolean {
  if (name === 'adapters/x') return isAdapter(folder)
  return folder === name || folder.startsWith(`${name}/`)
}

const isAdapter = (folder: string): boolean => folder.startsWith('adapters/')

/** Why the table does not allow an import, as a sentence; null when it does. */
export function objectionTo({ from, to }: Import, rows: readonly Row[]): string | null {
  const folder = folderOf(from)
  if (to.kind === 'file' && isWithin(folder, folderOf(to.path))) return null
  const row = rowOf(folder, rows)
  if (row === null)
    return `${from}: the folder ${folder} has no row in the table of ARCHITECTURE.md`
  if (row.mayImport === null) return null
  const target = to.kind === 'file' ? folderOf(to.path) : to.name
  if (to.kind === 'builtin')
    return row.isPure ? `${from} imports ${target}, but ${folder} is pure` : null
  if (to.kind === 'file' && !to.path.startsWith('src/')) {
    return `${from} imports ${to.path}, which is no part of the program`
  }
  if (to.kind === 'library' && row.hasOwnLibrary) return null
  if (row.mayImport.some((name) => covers(name, target))) return null
  return `${from} imports ${target}, but ${folder} may import only ${row.mayImport.join(', ')}`
}

/** The same folder, or another one of the same adapter. */
function isWithin(folder: string, other: string): boolean {
  const adapterOf = (path: string): string => path.split('/').slice(0, 2).join('/')
  return folder === other || (isAdapter(folder) && adapterOf(folder) === adapterOf(other))
}
