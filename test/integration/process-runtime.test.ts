import { execFile } from 'node:child_process'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { workerId } from '../../src/core/model/ids.ts'
import {
  anOrder,
  openRuntimeStage,
  pidOf,
  processSubject,
  worker1,
  type RuntimeStage,
  type Subject,
} from '../support/runtime-stage.ts'
import { writeIdleAgent } from '../support/idle-agent.ts'

const execute = promisify(execFile)
const patience = { timeout: 110_000, interval: 20 }

describe('the process runtime', () => {
  let stage: RuntimeStage
  let subject: Subject

  const untilRunning = (launch: number) =>
    vi.waitFor(
      async () =>
        expect(await subject.runtime.instances.listRunning()).toEqual([
          { instance: worker1, launch },
        ]),
      patience,
    )

  beforeEach(async () => {
    stage = await openRuntimeStage()
    subject = processSubject(stage, await writeIdleAgent(stage.directory))
  })

  afterEach(() => subject.close())

  it('makes the worktrees of many instances at once', async () => {
    const instances = Array.from({ length: 8 }, (_, index) => workerId(index + 1))
    await Promise.all(
      instances.map((instance) => subject.runtime.instances.ensureRunning(anOrder({ instance }))),
    )
    for (const instance of instances) await subject.show(instance)
    for (const instance of instances)
      await vi.waitFor(
        async () =>
          expect(
            await readdir(join(stage.directory, 'instances', instance, 'workspace')),
          ).toContain('README.md'),
        patience,
      )
  })

  it('begins a launch in one terminal only, and none that is over', async () => {
    await subject.runtime.instances.ensureRunning(anOrder())
    const [program = '', ...words] = subject.runtime.instances.terminalCommand(worker1)
    await subject.show(worker1)
    await untilRunning(1)
    await expect(execute(program, words)).rejects.toHaveProperty('stdout', 'launch 1 is over\n')
    await subject.runtime.instances.ensureRunning(anOrder({ launch: 2 }))
    await expect(execute(program, words)).rejects.toHaveProperty('stdout', 'launch 1 is over\n')
  })

  it('ends with an agent whatever the agent started', async () => {
    await subject.runtime.instances.ensureRunning(anOrder())
    await subject.show(worker1)
    await untilRunning(1)
    const pid = await pidOf(stage, worker1)
    const children = () =>
      execute('ps', ['-o', 'pid=', '--ppid', String(pid)]).then(
        ({ stdout }) => stdout.trim(),
        () => '',
      )
    const child = await vi.waitUntil(children, patience)
    await subject.runtime.instances.ensureStopped(worker1)
    const alive = async () =>
      (
        await execute('ps', ['-o', 'stat=', '-p', `${pid},${child}`]).catch(() => ({ stdout: '' }))
      ).stdout.match(/^[^Z\s]/gm)
    expect(await alive()).toBeNull()
  })

  it('does not take another process for an agent because it got its pid', async () => {
    const records = join(stage.directory, 'instances', worker1, 'launches')
    await mkdir(records, { recursive: true })
    await writeFile(join(records, 'current'), '1')
    await writeFile(join(records, '1.begun'), `${process.pid} 1\n`)
    expect(await subject.runtime.instances.listRunning()).toEqual([])
    await subject.runtime.instances.ensureStopped(worker1)
  })

  it('checks a commit in a directory of its own, with a clean environment', async () => {
    vi.stubEnv('ANTHROPIC_API_KEY', 'server-canary')
    const { runtime } = subject
    expect(
      await runtime.checkRunner.run(
        stage.head,
        ['cat README.md', 'test -z "$ANTHROPIC_API_KEY"'],
        30_000,
      ),
    ).toEqual({
      ok: true,
      output: '$ cat README.md\nhello\n$ test -z "$ANTHROPIC_API_KEY"\n',
    })
    vi.unstubAllEnvs()
    expect(
      await runtime.checkRunner.run(stage.head, ['false; true', 'echo not seen'], 30_000),
    ).toEqual({
      ok: false,
      position: 0,
      output: '$ false; true\n',
    })
    expect(await runtime.checkRunner.run(stage.head, ['sleep 60'], 500)).toMatchObject({
      ok: false,
      output: expect.stringContaining('it took too long') as string,
    })
    expect(
      await runtime.checkRunner.run(stage.head, ['setsid sleep 61 & echo done'], 10_000),
    ).toMatchObject({
      ok: true,
      output: expect.stringContaining('done') as string,
    })
    expect((await readdir(stage.directory)).filter((name) => name.startsWith('check-'))).toEqual([])
  })

  it('says what to do when there is no Claude Code', async () => {
    const { runtime } = processSubject(stage, join(stage.directory, 'nowhere'))
    await expect(runtime.ensureUsable()).rejects.toThrow(
      `there is no Claude Code at ${join(stage.directory, 'nowhere')}. Install it`,
    )
  })
})
