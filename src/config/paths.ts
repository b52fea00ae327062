import { isAbsolute, join, resolve } from 'node:path'

/** Bases of relative paths: `~` is the home, all others start in the config directory. */
export interface Bases {
  readonly home: string
  readonly directory: string
}

export function resolvePath(path: string, bases: Bases): string {
  const { pattern, directory } = splitBase(path, bases)
  return isAbsolute(pattern) ? resolve(pattern) : resolve(join(directory, pattern))
}

/** Separates the base from a glob, so that brackets in the base's name are not part of the glob. */
export function splitBase(
  pattern: string,
  { home, directory }: Bases,
): { readonly pattern: string; readonly directory: string } {
  if (pattern === '~') return { pattern: '.', directory: home }
  return pattern.startsWith('~/')
    ? { pattern: pattern.slice(2), directory: home }
    : { pattern, directory }
}
