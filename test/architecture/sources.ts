import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, normalize, relative } from 'node:path'

export const root = join(import.meta.dirname, '../..')

export interface SourceFile {
  /** From the repository's root: `src/core/decide.ts`. */
  readonly path: string
  readonly text: string
}

export interface Import {
  readonly from: string
  readonly to: { readonly kind: 'file'; readonly path: string } | { readonly kind: 'library' | 'builtin'; readonly name: string }
}

export function readSources(folder: string, shape: RegExp): readonly SourceFile[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && shape.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path: relative(root, path), text: readFileSync(path, 'utf8') }))
}

const statement = /^(?:import|export)\s+(?:(?:type\s+)?(?:\*(?:\s+as\s+\w+)?|\w+|(?:\w+,\s*)?\{[^{}]*\})\s+from\s+)?'([^']+)'/gm
const expression = /\bimport\(\s*'([^']+)'/g

/** Types count: whoever names a type knows the module. Code in a template, such as a sample's, is not the file's own. */
export function importsOf({ path, text }: SourceFile): readonly Import[] {
  const own = text.replaceAll(/`(?:\\.|[^`\\])*`/gs, '``')
  const found = [...own.matchAll(statement), ...text.matchAll(expression)]
  const specifiers = found.map(([, specifier = '']) => specifier)
  return specifiers.map((specifier) => ({ from: path, to: targetOf(specifier, path) }))
}

function targetOf(specifier: string, path: string): Import['to'] {
  if (specifier.startsWith('.')) return { kind: 'file', path: normalize(join(dirname(path), specifier)) }
  if (specifier.startsWith('node:') || builtinModules.includes(specifier)) return { kind: 'builtin', name: specifier }
  const [scope = '', name = ''] = specifier.split('/')
  return { kind: 'library', name: scope.startsWith('@') ? `${scope}/${name}` : scope }
}

/** `core`, `adapters/git`, or `main.ts` for a file that lies in no folder of `src/`. */
export function folderOf(path: string): string {
  const [, first = '', second = ''] = path.split('/')
  return first === 'adapters' ? `adapters/${second}` : first
}
