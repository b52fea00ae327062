import { execFile, spawnSync } from 'node:child_process'
import { mkdir, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  anOrder,
  containerOf,
  dockerSubject,
  openRuntimeStage,
  worker1,
  worker2,
  type RuntimeStage,
  type Subject,
} from '../support/runtime-stage.ts'

const hasEngine = spawnSync('docker', ['version']).status === 0
const execute = promisify(execFile)

describe.skipIf(!hasEngine && process.env.CI === undefined)('the container of an instance', () => {
  let stage: RuntimeStage
  let subject: Subject

  /** What a shell in the container says, with its errors, whatever its exit code. */
  const inside = async (command: string, instance = worker1): Promise<string> => {
    const argv = ['exec', containerOf(stage, instance), 'sh', '-c', `{ ${command}; } 2>&1 || true`]
    return (await execute('docker', argv)).stdout.trim()
  }

  beforeAll(async () => {
    stage = await openRuntimeStage()
    subject = dockerSubject(stage)
    await subject.runtime.instances.ensureRunning(anOrder())
    await subject.runtime.instances.ensureRunning(anOrder({ instance: worker2, number: 2 }))
    await vi.waitUntil(() => subject.runtime.instances.status(worker1) === 'idle', {
      timeout: 20_000,
      interval: 20,
    })
  })

  afterAll(() => subject.close())

  it('holds no secret that the engine could show', async () => {
    const { stdout } = await execute('docker', ['inspect', containerOf(stage, worker1)])
    expect(stdout).not.toContain('canary')
    expect(
      await inside('tr "\\0" "\\n" </proc/1/environ; tr "\\0" " " </proc/1/cmdline'),
    ).not.toContain('canary')
  })

  it('has no privilege and no way to get any', async () => {
    expect(
      await inside(
        'grep -E "^(Cap(Inh|Prm|Eff|Bnd|Amb)|NoNewPrivs|Seccomp):" /proc/1/status | tr -d "\\t"',
      ),
    ).toBe(
      ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']
        .map((set) => `${set}:0000000000000000\n`)
        .join('') + 'NoNewPrivs:1\nSeccomp:2',
    )
    expect(await inside('id -u; id -G')).toBe('1000\n1000')
    expect(await inside('mount -t tmpfs none /mnt')).toMatch(/permission denied|must be superuser/i)
    expect(await inside('unshare -r true')).toMatch(/Operation not permitted/)
    expect(await inside('ls /var/run/docker.sock')).toMatch(/No such file/)
  })

  it('has the limits that were asked for', async () => {
    const { stdout } = await execute('docker', [
      'inspect',
      '--format',
      '{{json .HostConfig}}',
      containerOf(stage, worker1),
    ])
    expect(JSON.parse(stdout)).toMatchObject({
      Memory: 2 * 2 ** 30,
      MemorySwap: 2 * 2 ** 30,
      NanoCpus: 2e9,
      PidsLimit: 256,
    })
    expect(JSON.parse(stdout)).toMatchObject({
      Privileged: false,
      PortBindings: {},
      PidMode: '',
      UsernsMode: '',
      NetworkMode: `orchestrator-${stage.run}`,
    })
  })

  it('can write its home, its workspace and its scratch, and nothing else', async () => {
    expect(
      await inside(
        'for d in /home/worker /workspace /tmp /var/tmp; do touch $d/probe && rm $d/probe && ' +
          'echo $d; done',
      ),
    ).toBe('/home/worker\n/workspace\n/tmp\n/var/tmp')
    for (const path of [
      '/etc/claude-code/managed-settings.d/x.json',
      '/hub.git/x',
      '/usr/local/bin/x',
      '/etc/x',
      '/x',
    ]) {
      expect(await inside(`touch ${path}`)).toMatch(/Read-only file system|Permission denied/)
    }
    expect(
      await inside(
        'echo "#!/bin/sh" >/tmp/runs; echo echo ran >>/tmp/runs; chmod +x /tmp/runs; /tmp/runs',
      ),
    ).toBe('ran')
  })

  it('does not reach the containers of other instances', async () => {
    const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}'
    const address = (
      await execute('docker', ['inspect', '--format', format, containerOf(stage, worker2)])
    ).stdout.trim()
    const listen = `node -e "require('net').createServer((s) => s.end('hello')).listen(8123)"`
    await execute('docker', ['exec', '-d', containerOf(stage, worker2), 'sh', '-c', listen])
    await vi.waitFor(
      async () =>
        expect(await inside('curl -s --http0.9 --max-time 2 http://127.0.0.1:8123', worker2)).toBe(
          'hello',
        ),
      10_000,
    )
    expect(
      await inside(`curl -s --http0.9 --max-time 2 http://${address}:8123; echo "exit $?"`),
    ).toBe('exit 28')
  })

  it('leads the server nowhere by links in its home', async () => {
    const home = join(stage.directory, 'instances', worker1, 'home')
    const bait = join(stage.directory, 'bait')
    await mkdir(join(bait, 'sessions'), { recursive: true })
    await writeFile(
      join(bait, 'sessions', '1.json'),
      '{"kind":"interactive","startedAt":1,"status":"busy"}',
    )
    await utimes(join(bait, 'sessions', '1.json'), new Date('2100-01-01'), new Date('2100-01-01'))
    await writeFile(join(bait, 'state.json'), '{"secret":"host-canary"}')
    await subject.runtime.instances.ensureStopped(worker1)
    await rename(join(home, '.claude'), join(home, '.claude-before'))
    await symlink(bait, join(home, '.claude'))
    await rm(join(home, '.claude.json'))
    await symlink(join(bait, 'state.json'), join(home, '.claude.json'))

    await subject.runtime.instances.ensureRunning(anOrder({ launch: 2, resume: true }))
    expect(subject.runtime.instances.status(worker1)).toBeNull()
    expect(await readFile(join(bait, 'state.json'), 'utf8')).toBe('{"secret":"host-canary"}')
    expect(await inside('cat ~/.claude.json')).not.toContain('host-canary')
    expect((await execute('stat', ['--format=%u', bait])).stdout.trim()).toBe(
      String(process.getuid?.()),
    )
  })
})
