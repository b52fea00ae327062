import { describe, expect, it } from 'vitest'
import { commit, line, manager, one, planned, Run } from '../../../test/support/run.ts'
import { LineId } from '../model/ids.ts'
import { nextAlarm } from './deadlines.ts'

const atWork = () =>
  new Run({ workerCount: 1 }).planned([planned('a'), planned('b')]).confirmed(one)
const rewritten = (run: Run, after = 'after') =>
  run.when({ type: 'upstream-rewritten', line, before: commit('before'), after: commit(after) })
const judged = { before: commit('before'), after: commit('after') }
const keep = (run: Run) => run.when({ type: 'rewrite-answered', line, answer: 'keep' })
const headOf = (run: Run) => run.state.lines.get(line)?.head ?? commit('base')
const rewriteOf = (run: Run) => run.state.lines.get(line)?.rewrite ?? null

describe('a rewritten origin', () => {
  it('stops pushes and merges, while reports are still taken in', () => {
    const run = rewritten(atWork())
    run.when({ type: 'publish-refused', line, reason: 'moved', isBehind: true })
    run.reports(one).stops(one)
    expect(run.task('a').phase.name).toBe('reported')
    for (let minutes = 0; minutes < 10; minutes += 1) {
      run.later(60_000)
      expect(run.asked('merge-task')).toEqual([])
      expect(run.asked('publish')).toEqual([])
      expect(nextAlarm(run.state)).toBeGreaterThan(run.at)
      rewritten(run)
    }
    expect(run.state.merges[0]?.phase.name).toBe('queued')
  })

  it('sets off no alarm for a merge that had failed before', () => {
    const run = atWork().reports(one).stops(one)
    const verdict = { task: run.task('a').id, commit: commit('work-a') }
    run.when({ type: 'merge-failed', reason: 'no', mayHaveLanded: false, ...verdict })
    rewritten(run).later(60_000)
    expect(run.asked('merge-task')).toEqual([])
    expect(nextAlarm(run.state)).toBeGreaterThan(run.at)
  })

  it('is over when the origin is put back', () => {
    const run = rewritten(atWork()).reports(one).stops(one).later(60_000)
    run.when({ type: 'upstream-merged', line, head: headOf(run) })
    expect(rewriteOf(run)).toBeNull()
    expect(run.asked('merge-task')).toHaveLength(1)
    expect(run.asked('publish')).toHaveLength(1)
  })

  it('is merged with the history before when a person wants that', () => {
    const run = keep(rewritten(atWork()))
    expect(run.asked('merge-upstream')).toEqual([
      { type: 'merge-upstream', line, answer: { verdict: 'keep', ...judged } },
    ])
    run.when({ type: 'upstream-failed', line, reason: 'no network' }).later(60_000)
    expect(run.asked('merge-upstream')).toMatchObject([{ answer: judged }])
  })

  it('needs another answer when it is rewritten again', () => {
    const run = rewritten(keep(rewritten(atWork())), 'other')
    expect(rewriteOf(run)).toMatchObject({ after: commit('other'), verdict: null })
  })

  it('keeps the run from being done, without its team', () => {
    const run = atWork().reports(one).stops(one).lands().confirmed(one).reports(one).lands()
    run.when({ type: 'published', line }).when({ type: 'published', line })
    rewritten(run.stops(one)).confirmed(manager)
    run
      .when({ type: 'run-finished', report: 'ok', ...run.from(manager) })
      .when({ type: 'report-written' })
    for (let lists = 0; lists < 3; lists += 1)
      run.when({ type: 'lists-committed', line, head: headOf(run) })
    expect(run.state.run.phase.name).toBe('publishing')
    run.when({ type: 'report-written' })
    expect(keep(run).state.run.phase.name).toBe('publishing')
    run
      .when({ type: 'upstream-merged', line, head: commit('merged') })
      .when({ type: 'published', line })
    expect(run.state.run.phase.name).toBe('done')
  })
})

describe('an answer', () => {
  it('cannot be taken back once the hub may follow', () => {
    const run = rewritten(atWork()).when({ type: 'rewrite-answered', line, answer: 'follow' })
    expect(keep(run).ignored).toContain('follows the new history')
    expect(rewriteOf(run)).toMatchObject({ verdict: 'follow' })
  })

  it('is refused when the origin was not rewritten', () => {
    expect(keep(atWork()).ignored).toContain('was not rewritten')
  })

  it('is refused for a line that the run does not have', () => {
    const run = atWork().when({ type: 'rewrite-answered', line: LineId('site'), answer: 'keep' })
    expect(run.ignored).toContain('no line site')
  })
})
