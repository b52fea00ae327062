import { describe, expect, it } from 'vitest'
import { createSteppedClock } from '../../../test/fakes/stepped-clock.ts'
import { line } from '../../../test/support/run.ts'
import { TaskId } from '../../core/model/ids.ts'
import type { CheckOutcome, CheckWatch } from '../../ports/checks.ts'
import { RunningChecks } from './running-checks.ts'

const commands = ['npm ci', 'npm test', 'npm test']
const begin = 1_000_000

/** Checks on the work of task `a`, with what the runner reports. */
function begun(redact?: (text: string) => string) {
  const clock = createSteppedClock(begin)
  const checks = new RunningChecks(clock, redact)
  const ended = Promise.withResolvers<CheckOutcome>()
  let print: CheckWatch = () => undefined
  const runner = checks.observe(
    {
      run: async (_commit, _commands, _timeoutMs, watch) => {
        print = watch ?? print
        return ended.promise
      },
    },
    { line, task: TaskId('a') },
  )
  const seen: (number | null)[] = []
  const outcome = runner.run('c1', commands, 600_000, (position) => seen.push(position))
  return {
    clock,
    checks,
    ended,
    outcome,
    seen,
    print: (at: number | null, text: string) => print(at, () => text),
  }
}

describe('the checks that run', () => {
  it('are shown before the first command begins', () => {
    const { checks, clock } = begun()
    clock.jump(5_000)
    expect(checks.all).toEqual([
      {
        line,
        task: 'a',
        commit: 'c1',
        command: null,
        since: begin,
        lastOutputAt: begin,
        silentMs: 5_000,
        timeoutMs: 600_000,
        endsAt: begin + 600_000,
        output: '',
      },
    ])
  })

  it('are silent since their last output, and begin again with each command', () => {
    const { checks, clock, print } = begun()
    print(0, '$ npm ci\n')
    clock.jump(10_000)
    print(1, '$ npm test\n')
    clock.jump(20_000)
    print(1, '1 passed\n')
    clock.jump(70_000)
    const shown = { command: 'npm test', since: begin + 10_000, output: '1 passed\n' }
    expect(checks.all).toMatchObject([{ ...shown, lastOutputAt: begin + 30_000, silentMs: 70_000 }])
    print(2, 'again')
    expect(checks.all).toMatchObject([{ command: 'npm test', since: begin + 100_000, silentMs: 0 }])
  })

  it('are not silent for less than no time after the clock was set back', () => {
    const { checks, clock, print } = begun()
    print(0, 'x')
    clock.jump(-3_600_000)
    expect(checks.all).toMatchObject([{ silentMs: 0 }])
  })

  it('are gone when they end, also without an outcome', async () => {
    const first = begun()
    first.print(0, 'x')
    first.ended.resolve({ ok: true, output: 'x' })
    expect(await first.outcome).toEqual({ ok: true, output: 'x' })
    expect([first.checks.all, first.seen]).toEqual([[], [0]])
    const second = begun()
    second.ended.reject(new Error('no engine answers'))
    await expect(second.outcome).rejects.toThrow('no engine answers')
    expect(second.checks.all).toEqual([])
  })

  it('show the end of the output, without secrets and control characters', () => {
    const { checks, print } = begun((text) => text.replaceAll('sk-secret', '[secret]'))
    print(0, `${'-'.repeat(2_000)}sk-secret\u001b[31m 1 failed\u001b[0m\r${'x'.repeat(990)}`)
    expect(checks.all).toMatchObject([{ output: ` 1 failed\n${'x'.repeat(990)}` }])
    print(0, 'key sk-\u001b[1msecret')
    expect(checks.all).toMatchObject([{ output: 'key [secret]' }])
  })
})
