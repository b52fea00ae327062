import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { git } from '../../sample/repository.ts'

export interface Places {
  /** Files, and directories with everything below them. */
  readonly paths: readonly string[]
  readonly repositories: readonly string[]
  /** The server's answers, by path. */
  readonly said: ReadonlyMap<string, string>
}

/** No secret is in a log, in the database, in an answer, or in git: as it is, or in base64. */
export async function secretProblems(
  secrets: readonly string[],
  { paths, repositories, said }: Places,
): Promise<readonly string[]> {
  const needles = secrets.flatMap((secret) => [secret, ...inBase64(secret)])
  const seen = new Set<string>()
  const look = (place: string, text: string) => {
    if (needles.some((needle) => text.includes(needle))) seen.add(`a secret is in ${place}`)
  }
  for (const path of paths)
    for await (const file of filesUnder(path)) look(file, (await readFile(file)).toString('latin1'))
  for (const repository of repositories) {
    look(repository, await git(repository, 'log', '--all', '--format=%B', '-p', '--full-history'))
  }
  for (const [place, text] of said) look(place, text)
  return [...seen]
}

/**
 * The characters that hold nothing but the secret, in each of the three ways in which it may fall.
 */
function inBase64(secret: string): readonly string[] {
  return [0, 1, 2].map((shift) => {
    const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(secret)])
    const text = bytes.toString('base64').replace(/=+$/, '')
    return text.slice(Math.ceil((shift * 8) / 6), Math.floor((bytes.length * 8) / 6))
  })
}

async function* filesUnder(path: string): AsyncGenerator<string> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => null)
  if (entries === null) yield path
  for (const entry of entries ?? []) {
    if (entry.isDirectory()) yield* filesUnder(join(path, entry.name))
    else if (entry.isFile()) yield join(path, entry.name)
  }
}
