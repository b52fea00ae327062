import { createHash, type Hash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'

/** The programs of the instances, as they come with the server. */
export const toolsDirectory = resolve(import.meta.dirname, '../../docker/tools')

/** Begins a fingerprint with the names and texts of the tools. */
export async function hashTools(): Promise<Hash> {
  const hash = createHash('sha256')
  for (const name of (await readdir(toolsDirectory)).toSorted())
    hash.update(`${name}\n`).update(await readFile(join(toolsDirectory, name)))
  return hash
}
