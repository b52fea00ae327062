import { execFile, spawnSync } from 'node:child_process'
import { chmod, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { TaskId } from '../../src/core/model/ids.ts'
import type { InstanceNotice } from '../../src/ports/instances.ts'
import {
  anOrder,
  containerOf,
  dockerSubject,
  openRuntimeStage,
  worker1,
  type RuntimeStage,
  type Subject,
} from '../support/runtime-stage.ts'

const hasEngine = spawnSync('docker', ['version']).status === 0
const execute = promisify(execFile)

/** Prints each directory of the image's file system in which this user may write. */
const findWritable =
  'find / -xdev -type d -writable 2>/dev/null | ' +
  'while read -r d; do mountpoint -q "$d" || echo "writable: $d"; done; true'

describe.skipIf(!hasEngine && process.env.CI === undefined)('on the disk, a container', () => {
  let stage: RuntimeStage
  let subject: Subject

  beforeAll(async () => {
    stage = await openRuntimeStage()
    subject = dockerSubject(stage)
  })

  afterAll(() => subject.close())

  /** The lines that a command of Docker prints. */
  const listed = async (...argv: readonly string[]): Promise<readonly string[]> =>
    (await execute('docker', argv)).stdout.split('\n').filter((line) => line !== '')

  it('of a check writes nothing of the image, and what it writes goes with it', async () => {
    const running = subject.runtime.checkRunner.run(
      stage.head,
      [
        findWritable,
        'touch ~/.npmrc here && stat --format=%u ~/.npmrc here && df --output=fstype . ~ | tail -n 2',
        'until test -e /tmp/go; do sleep 0.05; done',
      ],
      60_000,
    )
    const [id = ''] = await vi.waitFor(
      async () => {
        const found = await listed('ps', '--quiet', '--filter', `name=${stage.run}-check-`)
        expect(found).toHaveLength(1)
        return found
      },
      { timeout: 30_000, interval: 100 },
    )
    const names = '{{range .Mounts}}{{if eq .Type "volume"}}{{println .Name}}{{end}}{{end}}'
    const own = await listed('inspect', '--format', names, id)
    expect(own.length).toBeGreaterThanOrEqual(2)
    await execute('docker', ['exec', id, 'touch', '/tmp/go'])
    const { ok, output } = await running
    expect(output).not.toMatch(/^writable:/m)
    expect(output).not.toContain('tmpfs')
    expect(ok).toBe(true)
    const left = await listed('volume', 'ls', '--quiet')
    expect(own.filter((name) => left.includes(name))).toEqual([])
  })

  it('that saves work lets a hostile filter write nowhere but in the workspace', async () => {
    await subject.runtime.instances.ensureRunning(anOrder())
    const argv = ['exec', '-w', '/workspace', containerOf(stage, worker1)]
    // Not `rev-parse HEAD`: HEAD is there before the files, and the checkout would overwrite ours.
    await vi.waitFor(() => execute('docker', [...argv, 'git', 'diff', '--quiet', 'HEAD']), 20_000)
    await subject.leave(worker1, '.gitattributes', '* filter=fill\n')
    await subject.leave(worker1, 'made', 'x\n')
    const filter = join(stage.directory, 'instances', worker1, 'workspace', '.git', 'fill')
    await writeFile(
      filter,
      `#!/bin/sh\n[ -e /workspace/.git/got ] || { ${findWritable}; id -u; } >/workspace/.git/got\ncat\n`,
    )
    await chmod(filter, 0o755)
    await execute('docker', [...argv, 'git', 'config', 'filter.fill.clean', '/workspace/.git/fill'])
    await subject.runtime.instances.ensureStopped(worker1)

    await using salvage = await subject.runtime.workspaces.salvage(worker1, TaskId('t'))
    await subject.save(salvage?.uploadPack ?? [])
    const got = join(stage.directory, 'instances', worker1, 'workspace', '.git', 'got')
    expect((await execute('cat', [got])).stdout).toMatch(/^\d+\n$/)
  })

  it('ends no process with a core dump, and no file is larger than the whole bound', async () => {
    await subject.runtime.instances.ensureRunning(anOrder({ launch: 2 }))
    const shell = async (command: string): Promise<string> => {
      const argv = ['exec', containerOf(stage, worker1), 'sh', '-c', `{ ${command}; } 2>&1 || true`]
      return (await execute('docker', argv)).stdout.trim()
    }
    expect(await shell('ulimit -c; ulimit -Hc; ulimit -Sn; ulimit -Hn')).toBe('0\n0\n16384\n16384')
    expect(await shell('truncate -s 2G /workspace/sparse; ls /workspace/sparse -s')).toMatch(
      /File too large|File size limit exceeded/,
    )
  })

  it('that moves its files about and fills the disk is ended, and starts when there is room', async () => {
    const { instances } = subject.runtime
    const notices: InstanceNotice[] = []
    using _watching = instances.watch((notice) => notices.push(notice))
    await instances.ensureRunning(anOrder({ launch: 3 }))
    // The files change their directories all the time, so that a count beside them misses some.
    const attack =
      'mkdir -p /workspace/a /workspace/z; n=0; while :; do n=$((n+1)); ' +
      'head -c 64M /dev/zero >/workspace/a/$n || true; ' +
      'mv /workspace/a/* /workspace/z/; mv /workspace/z/* /workspace/a/; done'
    await execute('docker', ['exec', '-d', containerOf(stage, worker1), 'sh', '-c', attack])
    await vi.waitFor(
      () =>
        expect(notices).toContainEqual({
          type: 'died',
          instance: worker1,
          launch: 3,
          cause: expect.stringMatching(
            /^it uses \d{4,} MiB of the disk, and limits.diskMb is 1024$/,
          ),
        }),
      { timeout: 90_000, interval: 100 },
    )
    const workspace = join(stage.directory, 'instances', worker1, 'workspace')
    await expect(instances.ensureRunning(anOrder({ launch: 4 }))).rejects.toThrow(
      /Remove files below .*home or .*workspace, or raise limits.diskMb/,
    )
    await rm(join(workspace, 'a'), { recursive: true })
    await rm(join(workspace, 'z'), { recursive: true })
    await instances.ensureRunning(anOrder({ launch: 4 }))
  }, 120_000)
})
