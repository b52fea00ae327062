import { describe, expect, it } from 'vitest'
import { commit, line, manager, one, planned, Run, tip } from '../../../test/support/run.ts'
import { LineId } from '../model/ids.ts'
import { timeouts } from '../model/policy.ts'
import { deadlines, nextAlarm } from './deadlines.ts'

/** Everything is merged, reported and in the lists; the last push is under way. */
const pushing = () => {
  const run = new Run({ workerCount: 1 })
    .planned([planned('a')])
    .confirmed(one)
    .reports(one)
  run.stops(one).lands().confirmed(manager)
  run
    .when({ type: 'run-finished', report: 'ok', ...run.from(manager) })
    .when({ type: 'report-written' })
    .when({ type: 'upstream-merged', line, head: commit('merge-a') })
  for (let lists = 0; lists < 2; lists += 1)
    run.when({ type: 'lists-committed', line, head: commit('merge-a') })
  return run
}
const refuse = (run: Run) =>
  run.when({ type: 'publish-refused', line, reason: 'protected', isBehind: false })
/** The origin has refused three pushes. */
const publishing = () => {
  const run = pushing()
  for (let tries = 1; tries < 3; tries += 1) refuse(run).later(20_000)
  return refuse(run)
}
const stopped = (run: Run) => {
  for (const { id } of run.state.instances.values())
    run.when({ type: 'instance-stopped', ...run.from(id) })
  return run
}
const phasesOf = ({ state }: Run) => [...state.instances.values()].map(({ phase }) => phase.name)

describe('a run that ends while the checks of its branch cannot be run', () => {
  it('sets no alarm for them, which nothing would answer', () => {
    const run = new Run({ workerCount: 1, checks: ['npm test'] })
      .planned([planned('a')])
      .confirmed(one)
      .reports(one)
    run.stops(one).lands().confirmed(manager)
    run.when({ type: 'upstream-merged', line, head: commit('others') })
    run.when({ type: 'base-not-checked', line, reason: 'no engine answers' })
    run.when({ type: 'run-finished', report: 'ok', ...run.from(manager) })
    run.later(60_000)
    expect(run.state.lines.get(line)?.checks.name).toBe('outdated')
    expect(nextAlarm(run.state) ?? Infinity).toBeGreaterThan(run.at)
  })
})

describe('a run whose push the origin refuses', () => {
  it('pushes two more times before it stops its team and frees the credentials', () => {
    const run = pushing()
    for (let tries = 1; tries < 3; tries += 1) {
      expect(refuse(run).state.run.phase.name).toBe('finishing')
      expect(run.asked('stop-instance')).toEqual([])
      expect(run.later(20_000).asked('publish')).toHaveLength(1)
    }
    expect(refuse(run).state.run.phase.name).toBe('publishing')
    expect(run.asked('stop-instance')).toHaveLength(2)
    expect([...run.state.credentials.values()].map(({ phase }) => phase.name)).toEqual([
      'fresh',
      'fresh',
    ])
  })

  it('is done as soon as a later push succeeds', () => {
    const run = refuse(pushing()).later(20_000).when({ type: 'published', line })
    expect(run.state.run.phase.name).toBe('done')
    expect(run.asked('write-report')).toEqual([])
  })

  it('pushes to another branch of the origin that a later start names, and is done again', () => {
    const run = pushing().when({ type: 'published', line }).when({ type: 'everything-stopped' })
    expect(run.state.run.phase.name).toBe('done')
    run.start(run.state.policy, 2, [{ setting: 'publishBranch', effect: 'publish' }])
    expect(run.state.run.phase.name).toBe('publishing')
    expect(run.asked('publish')).toHaveLength(1)
    expect(run.asked('start-instance')).toEqual([])
    const { head } = tip()
    run.when({ type: 'report-written' }).when({ type: 'published', line })
    run.when({ type: 'upstream-merged', line, head: run.state.lines.get(line)?.head ?? head })
    expect(run.state.run.phase).toMatchObject({ name: 'done', isAccepted: false })
  })

  it('is not done while the origin lacks its work, however often it refuses', () => {
    const run = stopped(publishing())
    for (let tries = 3; tries < 200; tries += 1) {
      run.later(60_000)
      expect(run.state.lines.get(line)?.publish.name).toBe('running')
      expect(refuse(run).state.run.phase.name).toBe('publishing')
    }
    expect(run.later(60_000).when({ type: 'published', line }).state.run.phase.name).toBe(
      'publishing',
    )
    run.when({ type: 'upstream-merged', line, head: commit('merge-a') })
    run.when({ type: 'report-written' })
    expect(run.state.run.phase).toMatchObject({ name: 'done', isAccepted: false })
  })

  it('says in its report what is missing, and no longer when it is done', () => {
    const run = publishing()
    expect(run.asked('write-report')).toEqual([
      { type: 'write-report', report: 'ok', unpublished: [line] },
    ])
    run.when({ type: 'report-written' }).later(20_000)
    run.when({ type: 'upstream-merged', line, head: commit('merge-a') })
    run.when({ type: 'published', line })
    expect(run.state.run.phase.name).toBe('done')
    expect(run.asked('write-report')).toEqual([
      { type: 'write-report', report: 'ok', unpublished: [] },
    ])
    run.when({ type: 'report-written' }).when({ type: 'everything-stopped' })
    expect(nextAlarm(run.state)).toBeNull()
  })

  it('writes its report again after a failure', () => {
    const run = publishing()
    run.when({ type: 'command-failed', command: 'write-report', reason: 'disk full' })
    expect(deadlines(run.state).some(({ noun }) => noun === 'run')).toBe(true)
    expect(run.later(timeouts.retryPauseMs).asked('write-report')).toHaveLength(1)
  })

  it('goes on pushing after a restart, without its team', () => {
    const run = stopped(publishing()).start()
    expect(run.state.run.phase.name).toBe('publishing')
    expect(run.asked('start-instance')).toEqual([])
    expect(run.asked('merge-upstream')).toHaveLength(1)
    expect(run.asked('write-report')).toHaveLength(1)
    expect(run.later(60_000).asked('publish')).toHaveLength(1)
    expect(phasesOf(run)).toEqual(['stopped', 'stopped'])
  })

  it('starts its team again when a person adds a task to a list', () => {
    const run = stopped(publishing()).when({
      type: 'lists-edited',
      line,
      edits: [{ type: 'added', task: planned('wish', { worker: 1 }) }],
      problems: [],
    })
    expect(run.state.run.phase.name).toBe('executing')
    expect(run.asked('start-instance')).toHaveLength(2)
    run.allUp()
    expect(run.task('wish').phase.name).toBe('assigned')
  })

  it('can be accepted by a person, and then stays done', () => {
    const run = publishing().when({ type: 'run-accepted' })
    expect(run.state.run.phase).toMatchObject({ name: 'done', isAccepted: true })
    expect(run.asked('write-report')).toEqual([
      { type: 'write-report', report: 'ok', unpublished: [line] },
    ])
    run.when({ type: 'report-written' }).when({ type: 'everything-stopped' })
    expect(run.start().state.run.phase).toMatchObject({ name: 'done', isAccepted: true })
  })

  it('waits for the origin of every line', () => {
    const site = LineId('site')
    const run = new Run({ workerCount: 1 }, 2, [tip(), tip(site)])
      .planned([planned('a')])
      .confirmed(one)
    run.reports(one).stops(one).lands().confirmed(manager)
    run
      .when({ type: 'run-finished', report: 'ok', ...run.from(manager) })
      .when({ type: 'report-written' })
    for (const id of [line, site]) {
      const head = run.state.lines.get(id)?.head ?? commit('none')
      run.when({ type: 'upstream-merged', line: id, head })
      for (let lists = 0; lists < 2; lists += 1)
        run.when({ type: 'lists-committed', line: id, head })
    }
    for (let tries = 1; tries < 3; tries += 1) refuse(run).later(20_000)
    expect(refuse(run).state.run.phase.name).toBe('publishing')
    expect(run.asked('write-report')).toMatchObject([{ unpublished: [line] }])
  })
})

describe('a run that is not waiting for its origin', () => {
  it('cannot be accepted', () => {
    const run = pushing().when({ type: 'run-accepted' })
    expect(run.ignored).toContain('the run is finishing')
  })
})

describe('a run that an older server ended', () => {
  /** Three refused pushes counted as published. */
  const endedBy = (publish: 'failed' | 'current') => {
    const run = stopped(publishing()).when({ type: 'run-accepted' })
    run.when({ type: 'report-written' }).when({ type: 'everything-stopped' })
    const { phase } = run.state.run
    if (phase.name !== 'done') throw new Error('it is not done')
    const known = run.state.lines.get(line)
    if (!known) throw new Error('it has no line')
    const current = { name: 'current', since: 0 } as const
    run.state = {
      ...run.state,
      run: { ...run.state.run, phase: { ...phase, isAccepted: false } },
      lines: run.state.lines.with(publish === 'current' ? { ...known, publish: current } : known),
    }
    return run
  }

  it('goes on publishing at the next start when the origin lacks its work', () => {
    const run = endedBy('failed').start()
    expect(run.state.run.phase.name).toBe('publishing')
    expect(run.asked('write-report')).toMatchObject([{ unpublished: [line] }])
    expect(run.later(60_000).asked('publish')).toHaveLength(1)
    expect(run.asked('start-instance')).toEqual([])
  })

  it('stays done when the origin has its work', () => {
    expect(endedBy('current').start().state.run.phase.name).toBe('done')
  })
})
