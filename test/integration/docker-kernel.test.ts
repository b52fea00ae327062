import { execFile, spawn, spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  anOrder,
  containerOf,
  dockerSubject,
  openRuntimeStage,
  worker1,
  workerImage,
  type RuntimeStage,
  type Subject,
} from '../support/runtime-stage.ts'

const hasEngine = spawnSync('docker', ['version']).status === 0
const execute = promisify(execFile)
const EPERM = 1
const ENOSYS = 38

describe.skipIf(!hasEngine && process.env.CI === undefined)('a hostile worker', () => {
  let stage: RuntimeStage
  let subject: Subject
  let attack: string
  let cpu: string

  beforeAll(async () => {
    attack = await readFile(
      join(import.meta.dirname, '../../src/rehearsal/attack/stage/system-calls.pl'),
      'utf8',
    )
    cpu = (await execute('uname', ['-m'])).stdout.trim()
    stage = await openRuntimeStage()
    subject = dockerSubject(stage)
    await subject.runtime.instances.ensureRunning(anOrder())
  })

  afterAll(() => subject.close())

  /** What each call of the attack got, by its name. */
  const tried = async (argv: readonly string[]): Promise<Readonly<Record<string, string>>> => {
    const perl = spawn('docker', [...argv, '-', cpu], { stdio: ['pipe', 'pipe', 'inherit'] })
    perl.stdin.end(attack)
    const lines = (await text(perl.stdout)).trim().split('\n')
    return Object.fromEntries(
      lines.map((line) => [
        line.replace(/ (got|refused) .*/, ''),
        line.replace(/.* (?=got|ref)/, ''),
      ]),
    )
  }

  const shell = async (command: string): Promise<string> => {
    const argv = ['exec', '-w', '/tmp', containerOf(stage, worker1), 'sh', '-c', command]
    return (await execute('docker', argv)).stdout.trim()
  }

  it('gets nothing from calls of the kernel that work has no use for', async () => {
    const results = await tried(['exec', '-i', containerOf(stage, worker1), 'perl'])
    expect(Object.keys(results).length).toBeGreaterThan(20)
    expect(Object.entries(results).filter(([, result]) => result.startsWith('got'))).toEqual([])
    const { clone3, ...others } = results
    expect(clone3).toBe(`refused ${ENOSYS}`)
    expect(new Set(Object.values(others))).toEqual(new Set([`refused ${EPERM}`]))
  })

  it('would get something without the profile, so the attack proves something', async () => {
    const results = await tried([
      ...['run', '--rm', '-i', '--network=none', '--cap-drop=ALL', '--user=1000:1000'],
      ...['--security-opt=no-new-privileges:true', '--security-opt=seccomp=unconfined'],
      ...['--entrypoint=perl', workerImage],
    ])
    const won = Object.keys(results).filter((name) => results[name]?.startsWith('got'))
    expect(won).toEqual(expect.arrayContaining(['add_key', 'clone user with upper bits']))
  })

  it('still has what work needs', async () => {
    expect(await shell('claude --version')).toMatch(/Claude Code/)
    expect(
      await shell(
        `node -e 'const { Worker } = require("node:worker_threads"); ` +
          'new Worker("require(\\"node:worker_threads\\").parentPort.postMessage(6 * 7)", ' +
          `{ eval: true }).on("message", console.log)'`,
      ),
    ).toBe('42')
    expect(
      await shell(
        'git init -q made && cd made && echo x >file && git add . && git commit -qm Made && ' +
          'git log --format=%s && npm pkg get name 2>/dev/null; npm --version',
      ),
    ).toMatch(/^Made/)
    expect(await shell('readlink /proc/1/exe')).toMatch(/tini$/)
    expect(
      await shell('node -p \'Object.keys(require("node:os").networkInterfaces()).includes("lo")\''),
    ).toBe('true')
  })
})
