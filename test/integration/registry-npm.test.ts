import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { findNpmRegistries, type NpmRegistries } from '../../src/registry/npm-registries.ts'
import { temporary } from './egress-hosts.ts'
import { startRoute } from './registry-stage.ts'

const run = promisify(execFile)

/** npm with the route as its registry, and no configuration of the user who runs the test. */
async function npm(directory: string, registry: string, ...words: string[]) {
  const { PATH, HOME } = process.env
  const env = {
    PATH,
    HOME: directory,
    npm_config_registry: registry,
    npm_config_cache: join(directory, 'cache'),
    npm_config_userconfig: join(directory, 'npmrc'),
    npm_config_update_notifier: 'false',
    npm_config_fetch_retries: '0',
  }
  expect(HOME).not.toBe(directory)
  try {
    const { stdout, stderr } = await run('npm', words, { cwd: join(directory, 'project'), env })
    return { code: 0, output: stdout + stderr }
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
    return { code, output: stdout + stderr }
  }
}

/** The registry that this machine uses: the public one, or a mirror of it. */
async function registryOfThisMachine(): Promise<NpmRegistries> {
  const found = await findNpmRegistries()
  if (found === null) throw new Error('this machine has no npm')
  return found
}

const startRouteHere = async () => {
  const { used: url, builtIn: nameInLockFiles } = await registryOfThisMachine()
  return { ...(await startRoute({ url, nameInLockFiles })), nameInLockFiles }
}

async function project(manifest: object): Promise<string> {
  const directory = temporary()
  await mkdir(join(directory, 'project'))
  await writeFile(join(directory, 'project', 'package.json'), JSON.stringify(manifest))
  await writeFile(join(directory, 'npmrc'), '')
  return directory
}

describe('npm with the registry route', () => {
  it('installs a package, and again from a lock file that names no host of this run', async () => {
    const route = await startRouteHere()
    const about = { name: 'sample', version: '1.0.0', dependencies: { 'is-odd': '3.0.1' } }
    const directory = await project(about)
    const installed = await npm(directory, route.address, 'install')
    expect(installed).toMatchObject({ code: 0 })
    const modules = join(directory, 'project', 'node_modules')
    expect(existsSync(join(modules, 'is-number', 'package.json'))).toBe(true)
    const lock = await readFile(join(directory, 'project', 'package-lock.json'), 'utf8')
    expect(lock).toContain('"integrity": "sha512-')
    const resolved = `${route.nameInLockFiles.href}is-odd/-/is-odd-3.0.1.tgz`
    expect(lock).toContain(`"resolved": "${resolved}"`)
    expect(lock).not.toContain('127.0.0.1')
    const again = await npm(directory, route.address, 'ci', '--cache', join(directory, 'empty'))
    expect(again).toMatchObject({ code: 0 })
    expect(existsSync(join(modules, 'is-odd', 'package.json'))).toBe(true)
  })

  it('cannot publish', async () => {
    const route = await startRouteHere()
    const directory = await project({ name: 'sample-of-a-test', version: '1.0.0' })
    const key = `//${new URL(route.address).host}/registry/npm/:_authToken=of-an-attacker\n`
    await writeFile(join(directory, 'npmrc'), key)
    const { code, output } = await npm(directory, route.address, 'publish', '--access', 'public')
    expect(code).not.toBe(0)
    expect(output).toContain('405')
    expect(output).toContain('read-only')
  })
})
