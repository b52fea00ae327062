import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const identity = ['-c', 'user.name=test', '-c', 'user.email=test@localhost']

export function git(directory: string, ...args: readonly string[]): string {
  return execFileSync('git', [...identity, '-C', directory, ...args], {
    encoding: 'utf8',
    stdio: 'pipe',
  }).trim()
}

/** Makes `<root>/hub.git`, whose main has one commit of `files`. */
export function makeHub(root: string, files: Readonly<Record<string, string>> = {}): string {
  const [seed, hub] = [join(root, 'seed'), join(root, 'hub.git')]
  git(root, 'init', '--quiet', '-b', 'main', seed)
  for (const [path, text] of Object.entries(files)) writeFileSync(join(seed, path), text)
  git(seed, 'add', '--all')
  git(seed, 'commit', '--quiet', '--allow-empty', '-m', 'seed')
  git(root, 'clone', '--quiet', '--bare', seed, hub)
  return hub
}

/** The text of a launch's `environment` file. */
export function environmentLines(environment: Readonly<Record<string, string>>): string {
  return Object.entries(environment)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

interface HubCommit {
  /** The directory of the test. */
  readonly root: string
  readonly hub: string
  readonly ref: string
  readonly path: string
  readonly text: string
  /** The ref on which it is made. */
  readonly parent: string
}

/** Puts one more commit on a ref of the hub, made elsewhere; returns it. */
export function addToHub({ root, hub, ref, path, text, parent }: HubCommit): string {
  const elsewhere = mkdtempSync(join(root, 'elsewhere-'))
  git(root, 'clone', '--quiet', hub, elsewhere)
  git(elsewhere, 'fetch', '--quiet', 'origin', parent)
  git(elsewhere, 'checkout', '--quiet', '--detach', 'FETCH_HEAD')
  writeFileSync(join(elsewhere, path), text)
  git(elsewhere, 'add', '--all')
  git(elsewhere, 'commit', '--quiet', '-m', `write ${path}`)
  git(elsewhere, 'push', '--quiet', 'origin', `HEAD:${ref}`)
  return git(elsewhere, 'rev-parse', 'HEAD')
}
