import { describe, expect, it } from 'vitest'
import { commit, line, manager, one, planned, Run } from '../../../test/support/run.ts'
import { TaskId } from '../model/ids.ts'
import { hubTimeoutMs } from '../model/policy.ts'
import { nextAlarm } from '../rules/deadlines.ts'

const minutes = 60_000
const hour = 60 * minutes

const working = () => new Run({ workerCount: 1 }).planned([planned('a')]).confirmed(one)

/** One tick per alarm that is in the past. */
function ticks(run: Run): Run {
  for (let count = 0; count < 5; count += 1) run.later(0)
  return run
}

describe('a clock that jumps forward, or a machine that slept', () => {
  it('counts no missing heartbeat: the deadlines restart', () => {
    const run = working()
    run.at += hour
    expect(ticks(run).instance(one)).toMatchObject({
      phase: { name: 'working', lastHeartbeat: run.at, probes: 0 },
      failures: [],
    })
    expect(run.later(10 * minutes).asked('probe-instance')).toHaveLength(1)
  })

  it('repeats no prompt too early, and loses no starting instance', () => {
    const run = new Run({ workerCount: 1 })
    run.comesUp(manager)
    run.at += hour
    ticks(run)
    expect(run.instance(manager).phase).toMatchObject({ name: 'prompted', tries: 1 })
    expect(run.instance(one)).toMatchObject({
      launch: 1,
      phase: { name: 'starting', isProbed: false },
    })
    expect(run.later(15_000).typed()).toMatchObject([{ instance: manager, tries: 2 }])
  })

  it('ends a back-off', () => {
    const run = working().when({ type: 'instance-lost', cause: 'killed', ...working().from(one) })
    run.at += hour
    expect(run.later(0).asked('start-instance')).toMatchObject([{ instance: one }])
  })

  it('delays a start once: an instance that still lacks its tools has no alarm in the past', () => {
    const run = new Run({ workerCount: 1 })
    run.when({ type: 'session-started', source: 'startup', ...run.from(one) })
    run.at += hour
    ticks(run.start())
    expect(nextAlarm(run.state)).toBeGreaterThan(run.at)
  })

  it('differs from a server that is a little late', () => {
    expect(
      working()
        .later(10 * minutes + 5_000)
        .asked('probe-instance'),
    ).toHaveLength(1)
  })
})

describe('a clock that is set back', () => {
  const setBack = (run: Run): Run => {
    run.at -= hour
    return run.later(0)
  }

  it('makes no back-off longer', () => {
    const run = working()
    run.when({ type: 'instance-lost', cause: 'killed', ...run.from(one) })
    expect(setBack(run).later(1_000).asked('start-instance')).toMatchObject([{ instance: one }])
  })

  it('makes no wait for a prompt, a start or a heartbeat longer', () => {
    const run = new Run({ workerCount: 1 })
    run.comesUp(manager)
    setBack(run).later(15_000)
    expect(run.typed()).toMatchObject([{ instance: manager, tries: 2 }])
    expect(run.instance(one).phase).toMatchObject({ name: 'starting', isProbed: true })
    expect(
      setBack(working())
        .later(10 * minutes)
        .asked('probe-instance'),
    ).toHaveLength(1)
  })

  it('is noticed at the next event, even if that is ignored', () => {
    const run = working()
    run.at -= hour
    run.when({ type: 'tools-listed', ...run.from(one) })
    expect(run.ignored).not.toBeNull()
    expect(nextAlarm(run.state)).toBeLessThanOrEqual(run.at + 10 * minutes)
  })

  it('does not delay the retry of a wait that began before the time that it is now', () => {
    const run = working()
    run.when({ type: 'task-cancelled', task: TaskId('a'), reason: 'r', by: 'operator' })
    const { policy } = run.state
    run.start({ ...policy, workerCount: 0 })
    expect(run.instance(one).phase.name).toBe('stopping')
    const fail = () =>
      run.when({ type: 'command-failed', command: 'stop-instance', reason: 'x', ...run.from(one) })
    run.later(2 * hour)
    fail()
    expect(setBack(run).later(minutes).asked('stop-instance')).toHaveLength(1)
  })

  it('in the middle of a push changes neither its outcome nor its time limit', () => {
    const pushing = (): Run => {
      const run = working().when({ type: 'upstream-merged', line, head: commit('pushed') })
      expect(run.asked('publish')).toHaveLength(1)
      return setBack(run.later(minutes))
    }
    const limit = hubTimeoutMs(pushing().state.policy)
    const ended = pushing().when({ type: 'published', line, head: commit('pushed') })
    expect(ended.state.lines.get(line)?.publish.name).toBe('current')
    const late = pushing()
    expect(late.later(limit - minutes).state.lines.get(line)?.publish.name).toBe('running')
    expect(late.later(minutes).state.lines.get(line)?.publish.name).toBe('failed')
  })

  it('delays neither syncs nor merges', () => {
    const run = working()
      .when({ type: 'upstream-merged', line, head: commit('pushed') })
      .when({ type: 'publish-refused', line, reason: 'offline', isBehind: false })
    expect(run.state.lines.get(line)?.publish.name).toBe('failed')
    expect(setBack(run).later(1_000).asked('publish')).toHaveLength(1)
  })

  it('delays neither checks of the branch nor their repetition', () => {
    const checking = () => new Run({ checks: ['npm test'] })
    const late = checking()
    const limit = hubTimeoutMs(late.state.policy)
    expect(setBack(late).later(limit).state.lines.get(line)?.checks.name).toBe('failed')
    const failed = checking().when({ type: 'base-not-checked', line, reason: 'no engine' })
    expect(setBack(failed).later(1_000).asked('check-base')).toHaveLength(1)
    const failure = { commit: commit('base'), command: 'npm test', position: 0, output: '' }
    const red = checking().when({ type: 'base-failed', line, failure })
    expect(
      setBack(red)
        .later(5 * minutes)
        .asked('check-base'),
    ).toHaveLength(1)
  })

  it('makes no rest of a key longer that no provider has set', () => {
    const run = working()
    const modelError = { kind: 'quota', window: 'unknown', until: null } as const
    run.when({ type: 'turn-failed', modelError, message: '', inSubagent: false, ...run.from(one) })
    const untils = () =>
      [...run.state.credentials.values()].flatMap(({ phase }) =>
        phase.name === 'cooling' ? [phase.until - run.at] : [],
      )
    expect(untils()).toEqual([minutes])
    setBack(run)
    expect(untils()).toEqual([minutes])
  })

  it('changes no reset that a provider reported', () => {
    const run = working()
    const until = run.at + 2 * hour
    const modelError = { kind: 'quota', window: 'five-hour', until } as const
    run.when({ type: 'turn-failed', modelError, message: '', inSubagent: false, ...run.from(one) })
    const cooling = [...run.state.credentials.values()].map(({ phase }) => phase)
    expect([...setBack(run).state.credentials.values()].map(({ phase }) => phase)).toEqual(cooling)
  })
})
