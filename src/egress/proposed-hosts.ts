import { type Preset, type PresetName, presets } from './presets.ts'

export interface Proposal extends Preset {
  readonly preset: PresetName
  /** The files that speak for it. */
  readonly because: readonly string[]
}

const signs: readonly (readonly [PresetName, RegExp])[] = [
  ['pypi', /^(?:requirements.*\.txt|pyproject\.toml|setup\.(?:py|cfg)|Pipfile(?:\.lock)?)$/],
  ['pypi', /^(?:poetry|uv|pdm|pylock)\.(?:lock|toml)$/],
  ['crates', /^Cargo\.(?:toml|lock)$/],
  ['go', /^go\.(?:mod|sum|work)$/],
  ['rubygems', /^(?:Gemfile(?:\.lock)?|gems\.(?:rb|locked)|.+\.gemspec)$/],
  ['packagist', /^composer\.(?:json|lock)$/],
  ['maven', /^(?:pom\.xml|(?:build|settings)\.gradle(?:\.kts)?|gradle\.lockfile)$/],
]

/**
 * The presets that a repository seems to need, by the names of the files at its root. Only an
 * operator turns a preset on: the files are the repository's own word. Packages of npm need none:
 * the server has them.
 */
export function proposedHosts(files: readonly string[]): readonly Proposal[] {
  return Object.entries(presets).flatMap(([name, preset]) => {
    const because = files.filter((file) =>
      signs.some(([wanted, shape]) => wanted === name && shape.test(file)),
    )
    return because.length === 0 ? [] : [{ preset: name as PresetName, ...preset, because }]
  })
}
