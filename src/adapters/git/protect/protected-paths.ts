import micromatch from 'micromatch'

export type IsProtected = (path: string) => boolean

/**
 * Whether a path is one of the operator's. A file system that ignores case, normalises names or
 * drops invisible characters opens such a file by the usual name: names that may mean the same are
 * the same here. Wildcards match names with a leading dot, too.
 */
export function matchProtected(globs: readonly string[]): IsProtected {
  const options = { dot: true, nocase: true, nonegate: true }
  const matchers = globs.map((glob) => micromatch.matcher(folded(glob), options))
  return (path) => {
    const name = canonical(path)
    return matchers.some((isMatch) => isMatch(name))
  }
}

/** Full case folding, as far as two changes of case give it: `ß` becomes `ss`. */
const folded = (text: string): string =>
  text.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC')

/**
 * Windows takes backslashes for slashes, and drops dots and spaces at the end of a name and what
 * follows a colon. HFS+ drops characters that show nothing. Control characters, which wildcards do
 * not match, become `_`.
 */
export const canonical = (path: string): string =>
  folded(path.replaceAll(/[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu, ''))
    .split(/[/\\]/)
    .map((name) => name.replace(/(?<=.):.*$/su, '').replace(/(?<=[^. ])[. ]+$/u, ''))
    .join('/')
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '_')
