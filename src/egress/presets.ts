export type PresetName = 'pypi' | 'crates' | 'go' | 'rubygems' | 'packagist' | 'maven'

/** The public hosts from which the tools of an ecosystem take packages when nothing else is set. */
export interface Preset {
  readonly hosts: readonly string[]
  /** How data can leave through these hosts, with an account of an attacker; null when not. */
  readonly exit: string | null
}

export const presets: Readonly<Record<PresetName, Preset>> = {
  pypi: {
    // Uploads go to upload.pypi.org.
    hosts: ['pypi.org', 'files.pythonhosted.org'],
    exit: null,
  },
  crates: {
    // Published crates go to crates.io.
    hosts: ['index.crates.io', 'static.crates.io'],
    exit: null,
  },
  go: {
    hosts: ['proxy.golang.org', 'sum.golang.org'],
    exit: 'the mirror asks any host that the path of a module names',
  },
  rubygems: {
    hosts: ['rubygems.org', 'index.rubygems.org'],
    exit: 'rubygems.org takes published gems',
  },
  packagist: {
    // The packages themselves are archives of GitHub.
    hosts: ['repo.packagist.org', 'api.github.com', 'codeload.github.com'],
    exit: 'api.github.com takes data of any account',
  },
  maven: {
    hosts: [
      ...['repo.maven.apache.org', 'repo1.maven.org'],
      ...['plugins.gradle.org', 'plugins-artifacts.gradle.org'],
    ],
    exit: 'plugins.gradle.org takes published plugins',
  },
}
