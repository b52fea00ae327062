import { execFile, spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RunningChecks } from '../../src/engine/observe/running-checks.ts'
import { viewRun } from '../../src/http/operator/views/run.ts'
import { createSteppedClock } from '../fakes/stepped-clock.ts'
import { writeIdleAgent } from '../support/idle-agent.ts'
import { line, Run } from '../support/run.ts'
import {
  dockerSubject,
  openRuntimeStage,
  processSubject,
  type RuntimeStage,
  type Subject,
} from '../support/runtime-stage.ts'

const execute = promisify(execFile)
const hasEngine = spawnSync('docker', ['version']).status === 0
const patience = { timeout: 110_000, interval: 20 }
const timeoutMs = 110_000

let stage: RuntimeStage
let subject: Subject

beforeEach(async () => {
  stage = await openRuntimeStage()
})

afterEach(() => subject.close())

/**
 * Begins the commands, of which the last one prints `begun` and then nothing; answers its notice.
 */
async function silence(commands: readonly string[]) {
  const clock = createSteppedClock()
  const checks = new RunningChecks(clock)
  const runner = checks.observe(subject.runtime.checkRunner, { line, task: null })
  const outcome = runner.run(stage.head, commands, timeoutMs)
  await vi.waitFor(() => expect(checks.all[0]?.output).toMatch(/begun\n$/), patience)
  clock.jump(60_000)
  const { notices } = viewRun({
    state: new Run().state,
    runtimeOutage: null,
    runningChecks: checks.all,
    curl: () => '',
    hub: '',
  })
  return { checks, outcome, notices }
}

const expected = (command: string) => [
  { kind: 'check', text: expect.stringContaining(`the check "${command}" runs on main`) as string },
]

describe('a check that prints nothing', () => {
  it('is a notice while it runs in a process', async () => {
    subject = processSubject(stage, await writeIdleAgent(stage.directory))
    const end = join(stage.directory, 'end')
    const command = `echo begun; until test -e ${end}; do sleep 0.05; done`
    const { checks, outcome, notices } = await silence(['true', command])
    expect(notices).toMatchObject(expected(command))
    await writeFile(end, '')
    expect(await outcome).toMatchObject({ ok: true })
    expect(checks.all).toEqual([])
  })

  it.skipIf(!hasEngine && process.env.CI === undefined)(
    'is a notice while it runs in a container',
    async () => {
      subject = dockerSubject(stage)
      await subject.runtime.ensureUsable()
      const command = 'echo begun; sleep 600'
      const { checks, outcome, notices } = await silence(['true', command])
      expect(notices).toMatchObject(expected(command))
      const label = `label=claude-code-orchestrator.run=${stage.run}`
      const { stdout } = await execute('docker', ['ps', '-q', '--filter', label])
      await execute('docker', ['kill', ...stdout.split('\n').filter(Boolean)])
      expect(await outcome).toMatchObject({ ok: false, position: 1 })
      expect(checks.all).toEqual([])
    },
  )
})
