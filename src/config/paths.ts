import { isAbsolute, join, resolve } from 'node:path'

/** Where a path of the configuration starts: `~` in the home, the rest in the config directory. */
export interface Bases {
  readonly home: string
  readonly directory: string
}

export function resolvePath(path: string, bases: Bases): string {
  const { pattern, directory } = splitBase(path, bases)
  return isAbsolute(pattern) ? resolve(pattern) : resolve(join(directory, pattern))
}

/** Keeps the base apart from a glob, so that brackets in the name of a home directory stay letters. */
export function splitBase(
  pattern: string,
  { home, directory }: Bases,
): { readonly pattern: string; readonly directory: string } {
  if (pattern === '~') return { pattern: '.', directory: home }
  return pattern.startsWith('~/')
    ? { pattern: pattern.slice(2), directory: home }
    : { pattern, directory }
}
