import type { CredentialProblem } from '../../ports/vault.ts'
import { type CredentialGlob, findFiles, placesOf, placesOfFiles } from './find-files.ts'
import { canBeReplaced } from './login-file.ts'
import { type CredentialWay, type Kept, type Pool, poolFrom } from './pool.ts'
import { readPrivateFile } from './read-file.ts'

/** A fixed list of files, or the files that the glob matches at any time. */
export type CredentialSource = readonly string[] | CredentialGlob

export const filesOf = (source: CredentialSource): Promise<readonly string[]> =>
  'pattern' in source ? findFiles(source.pattern, source.directory) : Promise.resolve(source)

/** The directories to watch for changes of the files. */
export const placesFor = async (source: CredentialSource, files: readonly string[]) => [
  ...('pattern' in source ? await placesOf(source) : []),
  ...(await placesOfFiles(files)),
]

export async function readPool(
  files: readonly string[],
  before: readonly Kept[],
  way: CredentialWay,
): Promise<Pool> {
  const readings = await Promise.all(
    files.map(async (file) => ({
      file,
      read: await readPrivateFile(file),
      canBeReplaced: await canBeReplaced(file),
    })),
  )
  return poolFrom(readings, before, Date.now(), way)
}

/** The problem of a source whose files cannot be listed. */
export function unsearchable(source: CredentialSource, error: unknown): CredentialProblem {
  const file = 'pattern' in source ? source.directory : source.join(', ')
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
  return {
    file,
    key: null,
    what: `cannot be searched for credentials (${code})`,
    remedy: 'let the user that runs the server list it',
  }
}
