import { describe, expect, it } from 'vitest'
import { manager, one, planned, Run } from '../../../test/support/run.ts'
import { deadlines, nextAlarm } from './deadlines.ts'

const minutes = 60_000

const working = () => new Run({ workerCount: 1 }).planned([planned('a')]).confirmed(one)
const seesBusy = (run: Run, instance = one, tool: string | null = 'npm run e2e') =>
  run.when({ type: 'instance-busy', tool, ...run.from(instance) })

/** Silent for as long as the policy allows; every probe sees it busy. */
function hang(run: Run, instance = one): Run {
  for (let probe = 0; probe < 12; probe += 1) {
    run.later(10 * minutes)
    if (run.instance(instance).phase.name === 'working') seesBusy(run, instance)
  }
  return run
}

describe('an instance that is silent, and whose screen shows that it works', () => {
  it('is not given up: each look at it counts as a sign of life', () => {
    const run = working()
    const since = run.at
    for (let look = 1; look <= 11; look += 1) {
      expect(run.later(10 * minutes).asked('probe-instance')).toHaveLength(1)
      seesBusy(run)
      expect(run.instance(one).phase).toMatchObject({
        name: 'working',
        lastHeartbeat: since,
        probes: 0,
        busy: { seen: run.at, tool: 'npm run e2e' },
      })
    }
    const due = deadlines(run.state).find(({ id }) => id === one)
    expect(due?.at).toBe(since + 120 * minutes)
  })

  it('is interrupted two hours after its last other sign of life', () => {
    const run = hang(working())
    expect(run.instance(one)).toMatchObject({
      phase: {
        name: 'interrupting',
        hang: { tool: 'npm run e2e', silentSince: run.at - 120 * minutes },
      },
      hungTurns: 1,
    })
    expect(run.asked('interrupt-turn')).toMatchObject([{ instance: one, launch: 1 }])
  })

  it('is interrupted by the look that comes later than that', () => {
    const run = new Run({ workerCount: 1, busyMs: minutes }).planned([planned('a')]).confirmed(one)
    expect(run.later(10 * minutes).asked('probe-instance')).toHaveLength(1)
    expect(seesBusy(run).asked('interrupt-turn')).toHaveLength(1)
  })

  it('counts from the start again with any other sign of life', () => {
    const run = working().later(10 * minutes)
    seesBusy(run).later(9 * minutes)
    run.when({ type: 'sign-of-life', ...run.from(one) })
    expect(run.instance(one).phase).toMatchObject({ lastHeartbeat: run.at, busy: null })
    expect(hang(run).at).toBeGreaterThan(120 * minutes)
  })

  it('is given up as before when the next looks see nothing', () => {
    const run = working().later(10 * minutes)
    seesBusy(run)
    expect(run.later(10 * minutes).asked('probe-instance')).toHaveLength(1)
    expect(run.later(10 * minutes).asked('probe-instance')).toHaveLength(1)
    expect(run.later(10 * minutes).instance(one).phase.name).toBe('backing-off')
  })
})

describe('a turn that was interrupted because it hung', () => {
  const interrupted = (run = hang(working())) =>
    run.when({ type: 'turn-interrupted', ...run.from(one) })

  it('is followed by a prompt that says what hung; its task counts no loss', () => {
    const run = interrupted()
    expect(run.typed()).toMatchObject([
      { instance: one, prompt: { purpose: 'hung', way: 'typed' } },
    ])
    const text = run.typed()[0]?.prompt.text
    expect(text).toContain('busy with npm run e2e and gave no other sign of life for 120 minutes')
    expect(text).toContain('mcp__orchestrator__brief')
    expect(run.asked('save-work')).toEqual([])
    expect(run.instance(one)).toMatchObject({ launch: 1, failures: [] })
    expect(run.task('a')).toMatchObject({
      phase: { name: 'working' },
      attempts: [{ outcome: 'running' }],
    })
  })

  it('twice in a row is the Manager’s to decide, and the worker is free', () => {
    const run = interrupted(hang(interrupted().confirmed(one)))
    expect(run.task('a').phase).toMatchObject({
      name: 'blocked',
      question: expect.stringContaining('busy with npm run e2e') as string,
    })
    expect(run.asked('save-work')).toHaveLength(1)
    expect(run.instance(one)).toMatchObject({ phase: { name: 'ready' }, hungTurns: 0 })
    expect(run.typed()).toMatchObject([{ instance: manager, prompt: { purpose: 'news' } }])
  })

  it('is forgotten when the next turn ends by itself', () => {
    const run = interrupted().confirmed(one).stops(one).confirmed(one)
    expect(interrupted(hang(run)).typed()).toMatchObject([{ prompt: { purpose: 'hung' } }])
  })

  it('leaves a worker free whose task was cancelled meanwhile', () => {
    const run = hang(working())
    run.when({ type: 'task-cancelled', task: run.task('a').id, reason: 'r', by: 'operator' })
    expect(interrupted(run).instance(one).phase.name).toBe('ready')
  })

  it('of the Manager is resumed once, then its instance starts again', () => {
    const run = new Run({ workerCount: 1 }).allUp().confirmed(manager)
    const interrupt = () =>
      hang(run, manager).when({ type: 'turn-interrupted', ...run.from(manager) })
    expect(interrupt().typed()).toMatchObject([{ instance: manager, prompt: { purpose: 'hung' } }])
    run.confirmed(manager)
    expect(interrupt().instance(manager).phase.name).toBe('backing-off')
  })
})

describe('an interruption', () => {
  it('that fails, or has no outcome in time, restarts the instance with its work saved', () => {
    const fail = (run: Run) =>
      run.when({
        type: 'command-failed',
        command: 'interrupt-turn',
        reason: 'after Escape its screen shows busy',
        ...run.from(one),
      })
    for (const end of [fail, (run: Run) => run.later(minutes)]) {
      const run = end(hang(working()))
      expect(run.instance(one)).toMatchObject({ phase: { name: 'backing-off' }, hungTurns: 1 })
      expect(run.asked('save-work')).toHaveLength(1)
    }
  })

  it('is issued again after a restart of the server', () => {
    const run = hang(working())
    expect(run.start().asked('interrupt-turn')).toHaveLength(1)
    expect(nextAlarm(run.state)).toBe(run.at + minutes)
  })

  it('of a turn that ended just then counts as done', () => {
    const run = hang(working()).stops(one)
    expect(run.ignored).toContain('is interrupting')
    expect(run.when({ type: 'turn-interrupted', ...run.from(one) }).typed()).toHaveLength(1)
  })
})
