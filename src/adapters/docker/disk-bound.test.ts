import { execFile } from 'node:child_process'
import { link, mkdir, mkdtemp, open, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { InstanceId } from '../../core/model/ids.ts'
import { createDiskBound } from './disk-bound.ts'
import { measureDisk, type Measured } from './disk-measure.ts'

const MiB = 1024 * 1024
const worker = InstanceId('worker-1')

describe('what files use of the disk', () => {
  let root: string
  const used = async (): Promise<number> => {
    const { bytes } = await measureDisk([root], 30_000)
    return Math.round((bytes ?? Number.NaN) / MiB)
  }
  const fill = (name: string, size: number) => writeFile(join(root, name), Buffer.alloc(size, 1))

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'disk-'))
  })
  afterEach(() => rm(root, { recursive: true, force: true }))

  it('is that of their blocks, so holes of a sparse file are free', async () => {
    await fill('real', 8 * MiB)
    await fill('sparse', 1)
    await truncate(join(root, 'sparse'), 1024 ** 4)
    expect(await used()).toBe(8)
  })

  it('counts a file once, whatever the number of its names', async () => {
    await fill('file', 8 * MiB)
    for (const name of ['one', 'two', 'three']) await link(join(root, 'file'), join(root, name))
    expect(await used()).toBe(8)
  })

  it('follows no links', async () => {
    await symlink('/usr', join(root, 'usr'))
    await symlink('/', join(root, 'all'))
    expect(await used()).toBe(0)
  })

  it('grows with empty files, which use inodes, and with names that hold line breaks', async () => {
    await mkdir(join(root, 'many\n9999999999 1 f\nend 0'))
    for (let n = 0; n < 1_000; n += 1)
      await (await open(join(root, 'many\n9999999999 1 f\nend 0', String(n)), 'w')).close()
    expect(await used()).toBe(4)
  })

  it('is unknown when the count takes too long, and no counter is left', async () => {
    const fifo = await measureDisk(['/proc', '/sys', '/usr', '/var'], 1)
    expect(fifo).toEqual({ bytes: null, reason: 'counting took more than 0.001 s' })
    const { stdout } = await promisify(execFile)('ps', ['-eo', 'args'])
    expect(stdout).not.toContain('find -P /proc /sys')
  })

  it('is unknown below a directory that cannot be found', async () => {
    expect((await measureDisk([join(root, 'absent')], 30_000)).bytes).toBeNull()
  })
})

describe('the bound on the disk', () => {
  const scene = (measures: readonly Measured[]) => {
    const calls: string[] = []
    const left = [...measures]
    const disk = { used: 0 }
    const bound = createDiskBound(
      {
        limitBytes: 100 * MiB,
        directories: () => ['/instance/home', '/instance/workspace'],
        running: () => [worker],
        end: async (_, cause) => void calls.push(cause),
      },
      async () => {
        calls.push('measure')
        return left.shift() ?? { bytes: 0 }
      },
      async () => disk.used,
    )
    return { bound, calls, disk }
  }

  it('measures nothing while the file system has not grown by the room that is left', async () => {
    const { bound, calls, disk } = scene([{ bytes: 40 * MiB }])
    await bound.admit(worker)
    disk.used = 60 * MiB
    await bound.lookAtAll()
    expect(calls).toEqual(['measure'])
  })

  it('measures an instance after that, and lets it go on below the limit', async () => {
    const { bound, calls, disk } = scene([{ bytes: 40 * MiB }, { bytes: 50 * MiB }])
    await bound.admit(worker)
    disk.used = 300 * MiB
    await bound.lookAtAll()
    await bound.lookAtAll()
    expect(calls).toEqual(['measure', 'measure'])
  })

  it('ends an instance above the limit, with the figures', async () => {
    const { bound, calls, disk } = scene([{ bytes: 0 }, { bytes: 101 * MiB }])
    await bound.admit(worker)
    disk.used = 300 * MiB
    await bound.lookAtAll()
    expect(calls.at(-1)).toBe('it uses 101 MiB of the disk, and limits.diskMb is 100')
  })

  it('ends an instance that cannot be measured, and starts none', async () => {
    const unknown = { bytes: null, reason: 'counting took more than 60 s' }
    const { bound, calls, disk } = scene([{ bytes: 0 }, unknown, unknown, { bytes: 0 }])
    await bound.admit(worker)
    disk.used = 300 * MiB
    await bound.lookAtAll()
    expect(calls.at(-1)).toContain('cannot be measured: counting took more than 60 s')
    await expect(bound.admit(worker)).rejects.toThrow('raise limits.diskMb')
    await expect(bound.admit(worker)).resolves.toBeUndefined()
  })

  it('starts none above the limit, and names what to do', async () => {
    const { bound } = scene([{ bytes: 200 * MiB }])
    await expect(bound.admit(worker)).rejects.toThrow(
      'it uses 200 MiB of the disk, and limits.diskMb is 100. Remove files below /instance/home or ' +
        '/instance/workspace, or raise limits.diskMb',
    )
  })
})
