import { describe, expect, it } from 'vitest'
import { parseAllowedHost } from './allow-list.ts'
import { presets } from './presets.ts'
import { proposedHosts } from './proposed-hosts.ts'

describe('the presets proposed for a repository', () => {
  it.each([
    ['requirements.txt', 'pypi'],
    ['requirements-dev.txt', 'pypi'],
    ['pyproject.toml', 'pypi'],
    ['poetry.lock', 'pypi'],
    ['uv.lock', 'pypi'],
    ['Pipfile.lock', 'pypi'],
    ['Cargo.lock', 'crates'],
    ['go.sum', 'go'],
    ['go.mod', 'go'],
    ['Gemfile.lock', 'rubygems'],
    ['tool.gemspec', 'rubygems'],
    ['composer.lock', 'packagist'],
    ['pom.xml', 'maven'],
    ['build.gradle.kts', 'maven'],
  ])('follow from %s', (file, preset) => {
    expect(proposedHosts([file])).toMatchObject([{ preset, because: [file] }])
  })

  it.each([
    'package.json',
    'sub/go.mod',
    'my-go.mod',
    'package.json.bak',
    'pom.xml\n',
    'README.md',
  ])('do not follow from %j', (file) => expect(proposedHosts([file])).toEqual([]))

  it('name every file that speaks for them, each preset once', () => {
    const files = ['go.sum', 'uv.lock', 'go.mod', 'README.md']
    expect(proposedHosts(files)).toEqual([
      { preset: 'pypi', ...presets.pypi, because: ['uv.lock'] },
      { preset: 'go', ...presets.go, because: ['go.sum', 'go.mod'] },
    ])
  })

  it('hold hosts that the list of allowed hosts takes', () => {
    const hosts = Object.values(presets).flatMap((preset) => preset.hosts)
    expect(hosts.filter((host) => !parseAllowedHost(host).ok)).toEqual([])
  })
})
