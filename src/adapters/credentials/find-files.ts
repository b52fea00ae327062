import { realpath } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import fastGlob from 'fast-glob'
import { previousEnding } from './login-file.ts'

/** A pattern for credential files, and the directory at which it begins. */
export interface CredentialGlob {
  readonly pattern: string
  readonly directory: string
}

/** A directory to watch, and the names of the entries that matter; null is all of them. */
export interface Place {
  readonly path: string
  readonly only: string | null
}

/**
 * The files that a glob matches, sorted, as absolute paths. Links are followed: secret stores mount
 * their files as links.
 */
export async function findFiles(pattern: string, directory: string): Promise<readonly string[]> {
  const ignore = [`**/*${previousEnding}`]
  const files = await fastGlob(pattern, {
    cwd: directory,
    absolute: true,
    onlyFiles: true,
    unique: true,
    ignore,
  })
  return files.toSorted()
}

/**
 * Every directory on the way to a file that could match: from the parent of the glob's fixed part,
 * where a whole pool is replaced by `mv`, down to those that hold files.
 */
export async function placesOf({ pattern, directory }: CredentialGlob): Promise<readonly Place[]> {
  const found: Place[] = []
  for (const { base, patterns } of fastGlob.generateTasks(pattern, { cwd: directory })) {
    const root = resolve(directory, base)
    found.push({ path: dirname(root), only: basename(root) }, { path: root, only: null })
    const below = patterns.flatMap((one) =>
      prefixesOf(one.startsWith(`${base}/`) ? one.slice(base.length + 1) : one),
    )
    const matched =
      below.length === 0
        ? []
        : await fastGlob(below, {
            cwd: root,
            onlyDirectories: true,
            unique: true,
            suppressErrors: true,
          })
    found.push(...matched.map((path) => ({ path: join(root, path), only: null })))
  }
  return found
}

/** The target of a link is elsewhere, and changes there. */
export async function placesOfFiles(files: readonly string[]): Promise<readonly Place[]> {
  const real = await Promise.all(files.map((file) => realpath(file).catch(() => file)))
  return [...files, ...real].map((file) => ({ path: dirname(file), only: null }))
}

/** `a/*` and `a/*` + `/b` of the pattern `a/*` + `/b/*.json`. */
function prefixesOf(pattern: string): readonly string[] {
  const folders = pattern.split('/').slice(0, -1)
  return folders.map((_, index) => folders.slice(0, index + 1).join('/'))
}
