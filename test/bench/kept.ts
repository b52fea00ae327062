import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type KeptTable, keptTable } from './comparison.ts'
import type { Row } from './row.ts'

/** Git ignores it. */
const directory = join(import.meta.dirname, '../../.cache/bench')

/**
 * The newest row of each path, from all tables that can be read. Quick tables compare with quick
 * ones only: their runs are smaller.
 */
export async function lastKept(isQuick: boolean): Promise<readonly Row[]> {
  const names = (await readdir(directory).catch(() => [])).filter((name) => name.endsWith('.json'))
  const rows = new Map<string, Row>()
  // The names begin with the time.
  for (const name of names.toSorted()) {
    const table = read(await readFile(join(directory, name), 'utf8'))
    if (table?.isQuick === isQuick) for (const row of table.rows) rows.set(row.path, row)
  }
  return [...rows.values()]
}

/** Its path. */
export async function keep(table: KeptTable): Promise<string> {
  await mkdir(directory, { recursive: true })
  const path = join(directory, `${table.at.replaceAll(':', '-')}.json`)
  await writeFile(path, `${JSON.stringify(table, null, 2)}\n`)
  return path
}

function read(text: string): KeptTable | null {
  try {
    return keptTable.parse(JSON.parse(text))
  } catch {
    return null
  }
}
