import { execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect } from 'vitest'

const serverScript = resolve(import.meta.dirname, '../../server.js')

interface Start {
  /** Options of the command beside --config and --state. */
  readonly options?: readonly string[]
  /** Added to PATH and HOME. */
  readonly environment?: NodeJS.ProcessEnv
  readonly uid?: number
  /** Where the state goes; not given: a directory of the scene that does not exist. */
  readonly state?: string
}

/** A directory with a repository and credentials, from which a test starts servers that refuse. */
export class RefusalScene implements Disposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'refusal-'))
  readonly config = join(this.directory, 'config')
  readonly origin = join(this.directory, 'origin')

  constructor() {
    mkdirSync(join(this.config, 'keys'), { recursive: true })
    for (const name of ['one', 'two', 'three']) this.credential(name)
    execFileSync('git', ['init', '-q', '-b', 'main', this.origin])
    writeFileSync(join(this.origin, 'PROJECT_DIRECTION.md'), '# Build something\n')
    this.git('add', '-A')
    this.git('commit', '-qm', 'Begin')
  }

  /** In the origin. */
  git(...args: string[]): void {
    const identity = ['-c', 'user.name=t', '-c', 'user.email=t@t']
    execFileSync('git', ['-C', this.origin, ...identity, ...args])
  }

  /** Its path. */
  credential(name: string, mode = 0o600): string {
    const path = join(this.config, 'keys', `${name}.json`)
    writeFileSync(path, JSON.stringify({ env: { ANTHROPIC_API_KEY: `sk-ant-api03-fake-${name}` } }))
    chmodSync(path, mode)
    return path
  }

  configure(change: Record<string, unknown> = {}): void {
    const settings = {
      repositoryUrl: this.origin,
      workerCount: 2,
      claudeConfigs: 'keys/*.json',
      port: 0,
      publish: 'none',
      ...change,
    }
    writeFileSync(join(this.config, 'orchestrator.json'), JSON.stringify(settings))
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}

/** Says what is wrong and what to do, with the exit code for it, and leaves nothing behind. */
export async function expectRefusal(
  scene: RefusalScene,
  code: number,
  said: readonly RegExp[],
  start: Start = {},
): Promise<void> {
  const { options = [], environment = {}, uid, state = join(scene.directory, 'state') } = start
  const child = spawn(
    process.execPath,
    [serverScript, '--config', scene.config, '--state', state, ...options],
    {
      env: { PATH: process.env['PATH'], HOME: scene.directory, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(uid === undefined ? {} : { uid, gid: uid }),
    },
  )
  let message = ''
  child.stdout.resume()
  child.stderr.on('data', (chunk: Buffer) => (message += chunk.toString()))
  const exitCode = await new Promise((done) => child.on('close', done))
  for (const words of said) expect(message).toMatch(words)
  expect(message).not.toMatch(/\n\s+at /)
  expect(exitCode).toBe(code)
  expect(existsSync(state)).toBe(false)
  expect(readdirSync(scene.directory).toSorted()).toEqual(['config', 'origin'])
}
