import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { claudeCodeVersion } from '../../src/config/schema.ts'
import { toolsDirectory } from '../../src/hosting/tools.ts'
import { environmentLines, makeHub } from './tools-hub.ts'

const manifest = z.object({ claudeCode: z.object({ version: z.string() }) })
const pinned = manifest.parse(
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')),
).claudeCode.version
const version = process.env['CLAUDE_CODE_VERSION'] ?? pinned
const image = `claude-code-orchestrator-worker:${version}`
const hasEngine = spawnSync('docker', ['version']).status === 0

const hardened = [
  '--rm',
  '--network=none',
  '--cap-drop=ALL',
  '--security-opt=no-new-privileges',
  '--read-only',
  '--tmpfs=/tmp',
]

function inImage(options: readonly string[], command: string): string {
  const args = ['run', ...hardened, ...options, '--entrypoint=sh', image, '-c', command]
  return execFileSync('docker', args, { encoding: 'utf8', timeout: 60_000 }).trim()
}

// Without an engine instances are processes of the machine, and there is no image to look into; CI
// must have one.
describe.skipIf(!hasEngine && process.env['CI'] === undefined)('the image of the workers', () => {
  it('is pinned to the release that the server understands', () => {
    expect(pinned).toBe(claudeCodeVersion)
  })

  it('holds the Claude Code that its tag names', () => {
    expect(inImage([], 'claude --version')).toBe(`${version} (Claude Code)`)
  })

  it('runs as uid 1000 with its home and its place to work', () => {
    expect(inImage([], 'id -u; id -g; echo $HOME; pwd; stat -c %u /home/worker /workspace')).toBe(
      ['1000', '1000', '/home/worker', '/workspace', '1000', '1000'].join('\n'),
    )
  })

  it('has what the tools of an instance need, and no terminal multiplexer', () => {
    const commands = ['git', 'curl', 'flock', 'timeout', 'tini', 'ps', 'node', 'npm']
    const present = inImage(
      [],
      `for name in ${commands.join(' ')} tmux; do command -v $name >/dev/null && echo $name; ` +
        'done; :',
    )
    expect(present.split('\n')).toEqual(commands)
    expect(inImage([], 'node --version')).toMatch(/^v24\./)
  })

  describe('started as an instance', () => {
    let root: string

    beforeAll(() => {
      root = mkdtempSync(join(tmpdir(), 'image-'))
      chmodSync(root, 0o755)
      for (const folder of ['settings/orchestrator', 'home', 'workspace'])
        mkdirSync(join(root, folder), { recursive: true })
      makeHub(root)
      const environment = {
        ORCHESTRATOR_HUB: '/hub.git',
        ORCHESTRATOR_WORKSPACE: '/workspace',
        ORCHESTRATOR_OUTBOX: '/home/worker/outbox',
        ORCHESTRATOR_URL: 'http://127.0.0.1:9',
        ORCHESTRATOR_TOKEN: 'token',
        TARGET_BRANCH: 'main',
        INSTANCE_ID: 'worker-1',
        LAUNCH: '1',
      }
      writeFileSync(join(root, 'settings/orchestrator/environment'), environmentLines(environment))
      writeFileSync(join(root, 'settings/orchestrator/arguments'), '--version\n')
      if (process.getuid?.() === 0)
        execFileSync('chown', ['-R', '1000:1000', join(root, 'home'), join(root, 'workspace')])
      else for (const folder of ['home', 'workspace']) chmodSync(join(root, folder), 0o777)
    })

    afterAll(() => rmSync(root, { recursive: true, force: true }))

    const mounts = (): readonly string[] => [
      `--volume=${root}/hub.git:/hub.git:ro`,
      `--volume=${root}/settings:/etc/claude-code:ro`,
      `--volume=${root}/home:/home/worker`,
      `--volume=${root}/workspace:/workspace`,
      `--volume=${toolsDirectory}:/usr/local/lib/orchestrator:ro`,
    ]

    it('clones its workspace from a hub that it cannot write, and becomes Claude Code', () => {
      const command = [image, 'tini', '-g', '--', '/usr/local/lib/orchestrator/entrypoint']
      const output = execFileSync('docker', ['run', ...hardened, ...mounts(), ...command], {
        encoding: 'utf8',
        timeout: 60_000,
      })
      expect(output).toContain('(Claude Code)')
      expect(readFileSync(join(root, 'workspace/.git/objects/info/alternates'), 'utf8')).toBe(
        '/hub.git/objects\n',
      )
    })

    it('prepares a task when its tool is run from outside, and commits as itself', () => {
      const script =
        '/usr/local/lib/orchestrator/workspace begin t1 && git commit --quiet --allow-empty ' +
        '-m work && git log -1 --format=%s'
      const output = inImage(mounts(), script)
      expect(output).toContain('branch task/t1 is at')
      expect(output).toMatch(/work$/)
    })

    it('keeps an event of a server that is away, and loses no time', () => {
      const output = inImage(
        mounts(),
        `echo '{}' | /usr/local/lib/orchestrator/hook Stop; echo $?; ls /home/worker/outbox`,
      )
      expect(output).toMatch(/^0\n.*\.1\.\d+\.Stop\.json/)
    })
  })
})
