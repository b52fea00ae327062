import { createHash, type Hash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'

/** The tools of the instances, as they come with the server. */
export const toolsDirectory = resolve(import.meta.dirname, '../../docker/tools')

/** Begins a fingerprint with the names and texts of files. */
export async function hashFiles(files: readonly string[]): Promise<Hash> {
  const hash = createHash('sha256')
  for (const file of files.toSorted())
    hash.update(`${basename(file)}\n`).update(await readFile(file))
  return hash
}

/** The files of a directory, without those of tests. */
export const filesIn = async (directory: string): Promise<readonly string[]> =>
  (await readdir(directory))
    .filter((name) => !name.includes('.test.'))
    .map((name) => join(directory, name))
