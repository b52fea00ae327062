import { folderOf } from './sources.ts'
import type { Import } from './sources.ts'

export interface Row {
  /** `adapters/x` stands for each adapter. */
  readonly folder: string
  readonly isPure: boolean
  /** Folders and libraries; null is everything. */
  readonly mayImport: readonly string[] | null
  readonly hasOwnLibrary: boolean
}

/** Reads the table `Folder | Job | May import` out of ARCHITECTURE.md. */
export function parseTable(markdown: string): readonly Row[] {
  const table = /^\| Folder \| Job \| May import \|\n\|[-|]+\|\n((?:\|.*\n)+)/m.exec(markdown)?.[1]
  if (table === undefined) throw new Error('ARCHITECTURE.md has no table "| Folder | Job | May import |": it says what may import what')
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

const wordsIn = (cell: string): readonly string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word)

/** Why an import is not in the table, as a sentence; null when it is. */
export function objectionTo({ from, to }: Import, rows: readonly Row[]): string | null {
  const folder = folderOf(from)
  if (to.kind === 'file' && folderOf(to.path) === folder) return null
  const row = rowFor(folder, rows)
  if (row === null) return `${from}: the folder ${folder} has no row in the table of ARCHITECTURE.md`
  if (row.mayImport === null) return null
  const target = to.kind === 'file' ? folderOf(to.path) : to.name
  if (to.kind === 'builtin') return row.isPure ? `${from} imports ${target}, but ${folder} is pure` : null
  if (to.kind === 'file' && !to.path.startsWith('src/')) return `${from} imports ${to.path}, which is no part of the program`
  if (to.kind === 'library' && row.hasOwnLibrary) return null
  return row.mayImport.includes(target) ? null : `${from} imports ${target}, but ${folder} may import only ${row.mayImport.join(', ')}`
}

function rowFor(folder: string, rows: readonly Row[]): Row | null {
  return rows.find((row) => row.folder === folder || (row.folder === 'adapters/x' && folder.startsWith('adapters/'))) ?? null
}
