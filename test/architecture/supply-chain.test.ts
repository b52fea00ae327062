import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { findNpmRegistries } from '../../src/registry/npm-registries.ts'
import { root } from './sources.ts'

const read = (name: string): unknown => JSON.parse(readFileSync(join(root, name), 'utf8'))

const integrity = /^sha512-[A-Za-z0-9+/]{86}==$/

const lockfile = z
  .object({
    lockfileVersion: z.literal(3),
    packages: z.record(
      z.string(),
      z.object({
        resolved: z.string().optional(),
        integrity: z.string().optional(),
        link: z.boolean().optional(),
        hasInstallScript: z.boolean().optional(),
      }),
    ),
  })
  .parse(read('package-lock.json'))

const manifest = z
  .object({
    claudeCode: z.object({ integrity: z.record(z.string(), z.string()) }),
    allowScripts: z.record(z.string(), z.boolean()),
    dependencies: z.record(z.string(), z.string()),
    devDependencies: z.record(z.string(), z.string()),
  })
  .parse(read('package.json'))

const installed = Object.entries(lockfile.packages).filter(([path]) => path !== '')

describe('package-lock.json', () => {
  it('has a checksum for every package', () => {
    expect(installed.length).toBeGreaterThan(100)
    const without = installed.filter(([, { integrity: own = '' }]) => !integrity.test(own))
    expect(without.map(([path]) => path)).toEqual([])
  })

  it('takes every package from the public registry, or from the one that npm is set to', async () => {
    const builtIn = (await findNpmRegistries())?.builtIn.href ?? 'no npm'
    const foreign = installed.filter(
      ([, { resolved = builtIn, link }]) => link === true || !resolved.startsWith(builtIn),
    )
    expect(foreign.map(([path]) => path)).toEqual([])
  })
})

describe('package.json', () => {
  it('names exact versions', () => {
    const all = { ...manifest.dependencies, ...manifest.devDependencies }
    expect(Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual(
      [],
    )
  })

  it('decides about the install script of every package that has one', () => {
    const withScript = installed
      .filter(([, { hasInstallScript }]) => hasInstallScript === true)
      .map(([path]) => path.replace(/^.*node_modules\//, ''))
    expect(Object.keys(manifest.allowScripts).toSorted()).toEqual(withScript.toSorted())
  })

  it('has the checksum of Claude Code for each kind of processor', () => {
    const { integrity: sums } = manifest.claudeCode
    expect(Object.keys(sums)).toEqual(['linux-x64', 'linux-arm64'])
    expect(Object.values(sums).filter((each) => !integrity.test(each))).toEqual([])
  })
})

describe('docs/setup.md', () => {
  it('gives the reason of every decision about an install script', () => {
    const text = readFileSync(join(root, 'docs/setup.md'), 'utf8')
    const rows = [...text.matchAll(/^\| `([\w-]+)` \| (runs|does not run) \| [^|]{20,} \|$/gm)]
    expect(Object.fromEntries(rows.map(([, name, runs]) => [name, runs === 'runs']))).toEqual(
      manifest.allowScripts,
    )
  })
})
