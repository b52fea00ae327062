import fastGlob from 'fast-glob'

/** The files that a glob matches, sorted, as absolute paths. Links are followed: how secret stores mount what they hold. */
export async function findFiles(pattern: string, directory: string): Promise<readonly string[]> {
  const files = await fastGlob(pattern, { cwd: directory, absolute: true, onlyFiles: true, unique: true })
  return files.toSorted()
}
