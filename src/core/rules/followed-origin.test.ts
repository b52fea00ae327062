import { describe, expect, it } from 'vitest'
import { commit, line, manager, one, planned, Run, two } from '../../../test/support/run.ts'
import type { SyncEvent } from '../model/sync-event.ts'
import { TaskId } from '../model/ids.ts'
import { briefOf } from '../text/brief.ts'

type Followed = Extract<SyncEvent, { type: 'origin-followed' }>

const former = 'refs/rewritten/main/1'
const judged = { before: commit('before'), after: commit('after') }
const mergeOf = (task: string) => ({ task: TaskId(task), from: commit(`merge-${task}`) })
const workOf = (task: string) => commit(`work-${task}`)

/** Its first task is merged, its second one in progress, its third one depends on the first. */
const halfway = () =>
  new Run({ workerCount: 1 })
    .planned([planned('a'), planned('b'), planned('c', { dependsOn: [TaskId('a')] })])
    .confirmed(one)
    .reports(one)
    .stops(one)
    .lands()
const rewritten = (run: Run) => run.when({ type: 'upstream-rewritten', line, ...judged })
const answered = (run: Run) =>
  rewritten(run).when({ type: 'rewrite-answered', line, answer: 'follow' })
const follows = (run: Run, change: Partial<Followed> = {}) =>
  run.when({
    type: 'origin-followed',
    line,
    ...judged,
    head: commit('new'),
    former,
    replayed: [],
    returned: [],
    removed: [],
    ...change,
  })
const returned = (task: string) => ({ ...mergeOf(task), work: workOf(task), paths: ['index.js'] })

describe('a line that follows its rewritten origin', () => {
  it('asks the hub for it until that is done', () => {
    const answer = { verdict: 'follow', ...judged }
    const run = answered(halfway())
    expect(run.asked('merge-upstream')).toEqual([{ type: 'merge-upstream', line, answer }])
    run.when({ type: 'upstream-failed', line, reason: 'no network' }).later(60_000)
    expect(run.asked('merge-upstream')).toMatchObject([{ answer }])
  })

  it('is merged and pushed again from the new head', () => {
    const run = halfway().when({ type: 'lists-committed', line, head: commit('merge-a') })
    follows(answered(run))
    expect(run.state.lines.get(line)).toMatchObject({ head: commit('new'), rewrite: null })
    expect(run.asked('commit-lists')).toHaveLength(1)
    run.when({ type: 'published', line, head: commit('merge-a') })
    expect(run.asked('publish')).toEqual([{ type: 'publish', line, head: commit('new') }])
  })

  it('has its checks run on the new head', () => {
    const checks = ['npm test']
    const run = new Run({ workerCount: 1, checks }).planned([planned('a')]).confirmed(one)
    const { head } = run.state.lines.get(line) ?? { head: commit('base') }
    run.when({ type: 'base-passed', line, commit: head })
    expect(follows(answered(run)).asked('check-base')).toHaveLength(1)
  })

  it('does the same only once', () => {
    const run = follows(answered(halfway()), { returned: [returned('a')] })
    run.when({ type: 'upstream-merged', line, head: commit('newer') })
    const { tasks, news } = run.state
    follows(run, { returned: [returned('a')] })
    expect(run.state.tasks).toBe(tasks)
    expect(run.state.news).toEqual(news)
    expect(run.state.lines.get(line)?.head).toBe(commit('newer'))
  })

  it('knows the new commit of a merge that was replayed', () => {
    const run = follows(answered(halfway()), {
      replayed: [{ ...mergeOf('a'), to: commit('moved'), work: workOf('a') }],
    })
    expect(run.task('a').phase).toMatchObject({ name: 'merged', commit: commit('moved') })
  })

  it('counts a replayed merge whose landing was not recorded', () => {
    const run = new Run({ workerCount: 1 })
      .planned([planned('a')])
      .confirmed(one)
      .reports(one)
    expect(run.task('a').phase.name).toBe('merging')
    follows(answered(run), {
      replayed: [{ ...mergeOf('a'), to: commit('moved'), work: workOf('a') }],
    })
    expect(run.task('a').phase).toMatchObject({ name: 'merged', commit: commit('moved') })
    expect(run.state.merges).toEqual([])
  })

  it('gives merged work that does not fit back to its worker', () => {
    const run = follows(answered(halfway()), { returned: [returned('a')] })
    expect(run.task('a')).toMatchObject({
      phase: { name: 'conflicted' },
      returned: { kind: 'rewritten', former, merge: commit('merge-a'), paths: ['index.js'] },
      commit: null,
      reworkCount: 0,
    })
    run.confirmed(one).reports(one).stops(one)
    expect(run.task('a').phase).toMatchObject({ name: 'assigned', instance: one })
    const brief = briefOf({ state: run.state, task: TaskId('a'), changes: null })
    expect(brief).toContain('Kind: rewritten')
    expect(brief).toContain('git checkout -B task/a origin/main')
    expect(brief).toContain(`git cherry-pick -m 1 ${commit('merge-a')}`)
  })

  it('gives such work to the team when its worker is gone', () => {
    const run = new Run({ workerCount: 2 })
      .planned([planned('a', { worker: 2 }), planned('b')])
      .confirmed(two)
      .reports(two)
      .lands()
    run.start({ ...run.state.policy, workerCount: 1 }, run.state.credentials.size)
    expect(run.task('a').assignee).toBe(two)
    expect(follows(answered(run), { returned: [returned('a')] }).task('a').assignee).toBe(one)
  })

  it('lets what depends on such work wait again', () => {
    const run = halfway()
    expect(run.task('c').phase.name).toBe('queued')
    follows(answered(run), { returned: [returned('a')] })
    expect(run.task('c').phase.name).toBe('waiting')
  })

  it('leaves work merged that a person removed, and says so', () => {
    const run = follows(answered(halfway()), { removed: [mergeOf('a')] })
    expect(run.task('a').phase).toMatchObject({ name: 'merged', commit: commit('merge-a') })
    const [notice] = run.state.run.notices
    expect(notice).toMatchObject({ kind: 'rewritten', line })
    expect(notice?.text).toMatch(
      /merged work of a from main .* keeps it in refs\/rewritten\/main\/1/,
    )
    expect(run.typed().map(({ instance }) => instance)).toContain(manager)
  })

  it('drops the merge of commits that the rewrite removed', () => {
    const run = halfway().when({
      type: 'upstream-conflicted',
      line,
      commit: commit('before'),
      paths: ['index.js'],
    })
    expect(run.task('merge-origin').phase.name).not.toBe('done')
    follows(answered(run))
    expect(run.task('merge-origin').phase.name).toBe('done')
    expect(run.state.lines.get(line)?.conflict).toBeNull()
  })

  it('starts the team again when it had ended and work does not fit', () => {
    const run = new Run({ workerCount: 1 })
      .planned([planned('a')])
      .confirmed(one)
      .reports(one)
    run.lands().when({ type: 'published', line }).stops(one)
    rewritten(run).confirmed(manager)
    run
      .when({ type: 'run-finished', report: 'ok', ...run.from(manager) })
      .when({ type: 'report-written' })
    for (let lists = 0; lists < 3; lists += 1)
      run.when({ type: 'lists-committed', line, head: commit('lists') })
    expect(run.state.run.phase.name).toBe('publishing')
    run.when({ type: 'rewrite-answered', line, answer: 'follow' })
    follows(run, { returned: [returned('a')] })
    expect(run.state.run.phase.name).toBe('executing')
  })
})

describe('a report of work that a rewrite made outdated', () => {
  it('goes back to its worker, and does not count as returned', () => {
    const run = new Run({ workerCount: 1 })
      .planned([planned('a')])
      .confirmed(one)
      .reports(one)
    run.when({ type: 'merge-outdated', task: TaskId('a'), commit: workOf('a'), former })
    expect(run.task('a')).toMatchObject({
      phase: { name: 'conflicted' },
      returned: { kind: 'rewritten', merge: null },
      commit: workOf('a'),
      reworkCount: 0,
    })
    const brief = briefOf({ state: run.state, task: TaskId('a'), changes: null })
    expect(brief).toContain(`git fetch "$ORCHESTRATOR_HUB" ${former}`)
    expect(brief).toMatch(
      /git rebase --onto origin\/main .*-p FETCH_HEAD -p origin\/main .* task\/a/,
    )
  })

  it('is still explained to its next worker when the Manager has answered a question', () => {
    const run = new Run({ workerCount: 1 }).planned([planned('a')])
    run.confirmed(one).reports(one)
    run.when({ type: 'merge-outdated', task: TaskId('a'), commit: workOf('a'), former })
    const question = { task: TaskId('a'), question: 'How?', commit: null }
    run.stops(one).confirmed(one).briefed(one)
    run.when({ type: 'task-blocked', ...question, ...run.from(one) })
    const answer = { task: TaskId('a'), answer: 'So.', worker: null, by: 'manager' } as const
    expect(run.when({ type: 'task-answered', ...answer }).ignored).toBeNull()
    const brief = briefOf({ state: run.state, task: TaskId('a'), changes: null })
    expect(brief).toContain(`git fetch "$ORCHESTRATOR_HUB" ${former}`)
    expect(brief).toContain('Answer of the manager: So.')
  })

  it('is announced in the brief of a task that is in progress', () => {
    const run = new Run({ workerCount: 1 }).planned([planned('a')]).confirmed(one)
    const source = { state: run.state, task: TaskId('a'), changes: null }
    expect(briefOf({ ...source, former })).toMatch(
      /## main was rewritten[^]*git rebase --onto origin\/main .* task\/a/,
    )
    expect(briefOf({ ...source, former: null })).not.toContain('rewritten')
  })
})
