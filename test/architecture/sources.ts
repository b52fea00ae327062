import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, normalize, relative } from 'node:path'

export const root = join(import.meta.dirname, '../..')

/** Files of the program, without tests. */
export const programFile = /(?<!\.test)\.(?:ts|tsx|css)$/

export interface SourceFile {
  /** From the repository's root: `src/core/decide.ts`. */
  readonly path: string
  readonly text: string
}

export interface Import {
  readonly from: string
  readonly to:
    | { readonly kind: 'file'; readonly path: string }
    | { readonly kind: 'library' | 'builtin'; readonly name: string }
}

/** The files below `folder` whose names match `shape`. */
export function readSources(folder: string, shape: RegExp): readonly SourceFile[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && shape.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path: relative(root, path), text: readFileSync(path, 'utf8') }))
}

const names = String.raw`(?:type\s+)?(?:\*(?:\s+as\s+\w+)?|\w+|(?:\w+,\s*)?\{[^{}]*\})\s+from\s+`
const statement = new RegExp(String.raw`^(?:import|export)\s+(?:${names})?'([^']+)'`, 'gm')
const expression = /\bimport\(\s*'([^']+)'/g
const styleSheet = /@import\s+(?:url\(\s*)?['"]([^'"]+)['"]/g

/** Every import of a file, including types; code in template strings is left out. */
export function importsOf({ path, text }: SourceFile): readonly Import[] {
  const specifiers = path.endsWith('.css') ? matches(text, styleSheet) : specifiersIn(text)
  return specifiers.map((specifier) => ({ from: path, to: targetOf(specifier, path) }))
}

function specifiersIn(text: string): readonly string[] {
  const own = text.replaceAll(/`(?:\\.|[^`\\])*`/gs, '``')
  const found = [...matches(own, statement), ...matches(text, expression)]
  return found.filter((specifier) => !specifier.includes('${'))
}

function matches(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map(([, specifier = '']) => specifier)
}

function targetOf(specifier: string, path: string): Import['to'] {
  if (specifier.startsWith('.')) {
    return { kind: 'file', path: normalize(join(dirname(path), specifier)) }
  }
  if (specifier.startsWith('node:') || builtinModules.includes(specifier)) {
    return { kind: 'builtin', name: specifier }
  }
  const [scope = '', name = ''] = specifier.split('/')
  return { kind: 'library', name: scope.startsWith('@') ? `${scope}/${name}` : scope }
}

/** The folder of a file below `src/`: `core/model`, `adapters/git`. */
export const folderOf = (path: string): string => dirname(path).replace(/^src\/?/, '')
