import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createTmuxTerminals } from '../../src/adapters/tmux/terminals.ts'
import { type InstanceId, managerId, workerId } from '../../src/core/model/ids.ts'
import type { Terminals } from '../../src/ports/terminals.ts'
import { createFakeTerminals } from '../fakes/terminals.ts'

interface Subject {
  readonly terminals: Terminals
  /** What a terminal shows ends by itself. */
  readonly end: (instance: InstanceId) => Promise<unknown>
  readonly close: () => Promise<void>
}

/** Shows what is typed into it, and nothing else. */
const typewriter = ['sh', '-c', 'cat >/dev/null']
const [worker, tenth] = [workerId(1), workerId(10)]

const subjects: Readonly<Record<string, () => Promise<Subject>>> = {
  'terminals in tmux': async () => {
    const logDirectory = await mkdtemp(join(tmpdir(), 'terminals-'))
    vi.stubEnv('TMUX_TMPDIR', logDirectory)
    const terminals = createTmuxTerminals({ socket: 'contract', logDirectory })
    return {
      terminals,
      // A command that has only just begun misses its first interrupt.
      end: (instance) =>
        vi.waitUntil(async () => {
          if ((await terminals.listOpen()).has(instance)) await terminals.press(instance, 'C-c')
          return !(await terminals.listOpen()).has(instance)
        }, 5_000),
      close: async () => {
        for (const instance of await terminals.listOpen()) await terminals.ensureClosed(instance)
        await terminals[Symbol.asyncDispose]()
        vi.unstubAllEnvs()
        await rm(logDirectory, { recursive: true, maxRetries: 5 })
      },
    }
  },
  'the fake terminals': async () => {
    const terminals = createFakeTerminals()
    return {
      terminals,
      end: async (instance) => terminals.end(instance),
      close: async () => undefined,
    }
  },
}

describe.each(Object.entries(subjects))('%s', (_, open) => {
  let subject: Subject
  const opened = async (): Promise<Terminals> => {
    subject = await open()
    return subject.terminals
  }
  const expectScreen = (terminals: Terminals, instance: InstanceId, text: string): Promise<void> =>
    vi.waitFor(async () => expect((await terminals.screen(instance)).trimEnd()).toBe(text), {
      timeout: 5_000,
    })

  afterEach(() => subject.close())

  it('list nothing before one is opened', async () => {
    expect(await (await opened()).listOpen()).toEqual(new Set())
  })

  it('list what is open, by instance', async () => {
    const terminals = await opened()
    await terminals.ensureOpen(managerId, typewriter)
    await terminals.ensureOpen(tenth, typewriter)
    expect(await terminals.listOpen()).toEqual(new Set([managerId, tenth]))
  })

  it('show what is pasted, and press no Enter for it', async () => {
    const terminals = await opened()
    await terminals.ensureOpen(worker, typewriter)
    await terminals.paste(worker, 'one')
    await terminals.paste(worker, ', two')
    await expectScreen(terminals, worker, 'one, two')
    await terminals.press(worker, 'Enter')
    await terminals.paste(worker, 'three')
    await expectScreen(terminals, worker, 'one, two\nthree')
  })

  it('drop control characters of a pasted line, and keep every other character', async () => {
    const terminals = await opened()
    await terminals.ensureOpen(worker, typewriter)
    await terminals.paste(
      worker,
      'a\u001b[201~b\n\r\u0003\u007f\u009bc — “ü” 漢字 #{pid} %H $HOME `id` Enter;',
    )
    await expectScreen(terminals, worker, 'a[201~bc — “ü” 漢字 #{pid} %H $HOME `id` Enter;')
  })

  it('take an empty line for nothing', async () => {
    const terminals = await opened()
    await terminals.ensureOpen(worker, typewriter)
    await terminals.paste(worker, '')
    await terminals.paste(worker, '\u001b')
    await terminals.paste(worker, 'something')
    await expectScreen(terminals, worker, 'something')
  })

  it('type into the instance that is named, not into one whose name begins like it', async () => {
    const terminals = await opened()
    await terminals.ensureOpen(tenth, typewriter)
    await expect(terminals.paste(worker, 'for worker-1')).rejects.toThrow(
      'worker-1 has no open terminal',
    )
    await expect(terminals.press(worker, 'Enter')).rejects.toThrow('worker-1 has no open terminal')
    await expect(terminals.screen(worker)).rejects.toThrow('worker-1 has no open terminal')
    await terminals.ensureClosed(worker)
    expect(await terminals.listOpen()).toEqual(new Set([tenth]))
    await expectScreen(terminals, tenth, '')
  })

  it('leave a terminal alone that shows the command already', async () => {
    const terminals = await opened()
    await terminals.ensureOpen(worker, typewriter)
    await terminals.paste(worker, 'still here')
    await terminals.ensureOpen(worker, typewriter)
    await expectScreen(terminals, worker, 'still here')
  })

  it('show another command in place of the old one', async () => {
    const terminals = await opened()
    await terminals.ensureOpen(worker, typewriter)
    await terminals.paste(worker, 'gone')
    await terminals.ensureOpen(worker, [...typewriter, 'again'])
    await terminals.paste(worker, 'new')
    await expectScreen(terminals, worker, 'new')
    expect(await terminals.listOpen()).toEqual(new Set([worker]))
  })

  it('are gone when their command has ended, and are opened again', async () => {
    const terminals = await opened()
    await terminals.ensureOpen(worker, typewriter)
    await subject.end(worker)
    expect(await terminals.listOpen()).toEqual(new Set())
    await terminals.ensureOpen(worker, typewriter)
    await terminals.paste(worker, 'back')
    await expectScreen(terminals, worker, 'back')
  })

  it('are closed however often that is asked', async () => {
    const terminals = await opened()
    await terminals.ensureOpen(worker, typewriter)
    await terminals.ensureClosed(worker)
    await terminals.ensureClosed(worker)
    expect(await terminals.listOpen()).toEqual(new Set())
  })
})
