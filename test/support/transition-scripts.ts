import { Draft } from '../../src/core/model/draft.ts'
import type { ModelError } from '../../src/core/model/model-error.ts'
import { BackupId, CredentialId, TaskId } from '../../src/core/model/ids.ts'
import type { Policy } from '../../src/core/model/policy.ts'
import { commit, line, manager, one, planned, Run, two } from './run.ts'
import { startScripts } from './start-scripts.ts'

const a = TaskId('a')
const first = BackupId('worker-1/a/1')
const key = CredentialId('key-1')

/** One worker that works on its task. */
export const atWork = (policy: Partial<Policy> = {}) =>
  new Run({ workerCount: 1, ...policy }).planned([planned('a', { worker: 1 })]).confirmed(one)
const lose = (run: Run) => run.when({ type: 'instance-lost', cause: 'killed', ...run.from(one) })
const cancel = (run: Run, task = a) =>
  run.when({ type: 'task-cancelled', task, reason: 'no', by: 'manager' })
const tick = (run: Run, task = a) =>
  run.when({ type: 'lists-edited', line, edits: [{ type: 'ticked', task }], problems: [] })
const refuse = (run: Run, modelError: ModelError, credential = key) =>
  run.when({ type: 'gateway-refused', credential, modelError, ...run.from(one) })

/** The turn of a subagent fails first, and then the turn itself because of a refusal. */
const reportsRejected = (run: Run, first: ModelError): Run => {
  const report = { type: 'turn-failed', message: '', ...run.from(one) } as const
  return run
    .when({ ...report, modelError: first, inSubagent: true })
    .when({ ...report, modelError: { kind: 'rejected' }, inSubagent: false })
}

/** A worker on a task whose budget is used up. */
function overBudget(policy: Partial<Policy> = {}): Run {
  const run = atWork({ budget: { perTask: { tokens: 1 } }, ...policy })
  const tokens = { inputTokens: 9, outputTokens: 0, cacheReadTokens: 0, cacheCreationTokens: 0 }
  const usage = { model: 'm', costMicros: 0, ...tokens }
  return run.when({ type: 'usage-counted', credential: null, usage, ...run.from(one) })
}

/** Arrows that a random walk takes too rarely to rely on it. */
export const scripts: Readonly<Record<string, () => Run>> = {
  ...startScripts,
  'a second report about a credential that is out of use': () => {
    const run = atWork()
    const quota: ModelError = { kind: 'quota', window: 'weekly', until: run.at + 1_000 }
    for (const before of [quota, { kind: 'spent' }, { kind: 'rejected' }] as const)
      for (const after of [quota, { kind: 'spent' }, { kind: 'rejected' }] as const) {
        refuse(refuse(run, before), after)
        run.when({ type: 'credential-enabled', credential: key })
        run.when({ type: 'cooldown-forgotten', credential: key })
      }
    return run
  },
  'a credential with a full window that its holder reports as rejected': () => {
    const run = atWork()
    return reportsRejected(run, { kind: 'quota', window: 'weekly', until: run.at + 60_000 })
  },
  'a spent credential that its holder reports as rejected': () =>
    reportsRejected(atWork(), { kind: 'spent' }),
  'a turn that is resumed through the gateway': () => {
    const run = new Run({ workerCount: 1, credentials: 'gateway' }, 4)
    run.planned([planned('a')]).confirmed(one)
    return refuse(run, { kind: 'spent' }, run.instance(one).credential ?? key)
      .when({ type: 'credential-enabled', credential: key })
      .when({
        type: 'turn-failed',
        modelError: { kind: 'throttled' },
        message: '',
        inSubagent: false,
        ...run.from(one),
      })
      .later(1_000)
      .confirmed(one)
      .when({
        type: 'turn-failed',
        modelError: { kind: 'throttled' },
        message: '',
        inSubagent: false,
        ...run.from(one),
      })
  },
  'a task over its budget, queued': () =>
    lose(overBudget({ workerCount: 2, quarantineFailures: 1 })).when({
      type: 'work-unchanged',
      backup: first,
    }),
  'a task over its budget, conflicted': () => overBudget().reports(one).stops(one).conflicts(),
  'a task over its budget, rejected': () =>
    overBudget()
      .reports(one)
      .stops(one)
      .when({
        type: 'merge-rejected',
        task: a,
        commit: commit('work-a'),
        output: 'no',
      }),
  'work that waits for its branch': () => {
    const verdict = { task: a, commit: commit('work-a') }
    const base = { commit: commit('base'), command: 'npm test', position: 0, output: 'no' }
    const rejected = { type: 'merge-rejected', output: 'no', base, ...verdict } as const
    const checked = () => atWork({ checks: ['npm test'] }).reports(one)
    const late = checked()
      .when({ type: 'merge-failed', reason: 'x', mayHaveLanded: false, ...verdict })
      .when(rejected)
    const run = checked()
      .when({ type: 'merge-checking', ...verdict })
      .when(rejected)
      .when({ type: 'checks-answered', line, answer: 'merge' })
    const held = checked().when(rejected)
    run.transitions.push(...late.transitions, ...cancel(held).transitions)
    return run
  },
  'a Manager without a plan': () => {
    const run = new Run().allUp()
    for (let turn = 0; turn < 3; turn += 1) run.confirmed(manager).stops(manager)
    return run.start()
  },
  'a turn that hangs': () => {
    const hang = (policy: Partial<Policy> = {}, run = atWork({ busyMs: 1, ...policy })) =>
      run.later(600_000).when({ type: 'instance-busy', tool: null, ...run.from(one) })
    const interrupted = (run: Run) => run.when({ type: 'turn-interrupted', ...run.from(one) })
    const run = interrupted(hang())
    interrupted(hang({}, run.confirmed(one)))
    const dismissed = new Run({ workerCount: 2, busyMs: 1 })
      .planned([planned('a'), planned('b')])
      .confirmed(two)
      .later(600_000)
    dismissed
      .when({ type: 'instance-busy', tool: null, ...dismissed.from(two) })
      .start({ ...dismissed.state.policy, workerCount: 1 })
    for (const other of [lose(hang()), lose(hang({ quarantineFailures: 1 })), dismissed])
      run.transitions.push(...other.transitions)
    return run
  },
  'a run that ends': () => {
    const run = atWork().reports(one).stops(one).lands().confirmed(manager)
    run.when({ type: 'run-finished', report: 'ok', ...run.from(manager) })
    run
      .when({ type: 'report-written' })
      .when({ type: 'upstream-merged', line, head: commit('merge-a') })
    for (let time = 0; time < 2; time += 1)
      run.when({ type: 'lists-committed', line, head: commit('merge-a') })
    return run.when({ type: 'published', line })
  },
  'a run that its origin refuses': () => {
    const publishing = () => {
      const run = atWork().reports(one).stops(one).lands().confirmed(manager)
      run.when({ type: 'run-finished', report: 'ok', ...run.from(manager) })
      run
        .when({ type: 'report-written' })
        .when({ type: 'upstream-merged', line, head: commit('merge-a') })
      for (let time = 0; time < 2; time += 1)
        run.when({ type: 'lists-committed', line, head: commit('merge-a') })
      for (let tries = 1; tries < 4; tries += 1)
        run
          .when({ type: 'publish-refused', line, reason: 'no', isBehind: false })
          .later(tries < 3 ? 20_000 : 0)
      return run
    }
    const edits = [{ type: 'added', task: planned('wish') }] as const
    const again = publishing().when({ type: 'lists-edited', line, edits, problems: [] })
    const run = publishing().when({ type: 'run-accepted' })
    const { phase } = run.state.run
    if (phase.name !== 'done') throw new Error(`the run is ${phase.name}`)
    run.state = {
      ...run.state,
      run: { ...run.state.run, phase: { ...phase, isAccepted: false } },
    }
    run.start().transitions.push(...again.transitions)
    return run
  },
  'a backup that is forgotten': () => {
    const run = lose(atWork()).when({ type: 'work-saved', backup: first, commit: commit('wip') })
    run.when({ type: 'backup-deleted', backup: first }).later(8 * 24 * 3_600_000)
    return run.when({ type: 'backup-forgotten', backup: first })
  },
  'a backup that failed, of a task that is merged': () => {
    const fact = { backup: first, reason: 'no', isFinal: false } as const
    const run = lose(atWork()).when({ type: 'work-not-saved', ...fact })
    return run
      .later(1_000)
      .allUp()
      .confirmed(one)
      .when({ type: 'work-not-saved', ...fact })
      .reports(one)
      .lands()
  },
  'a task that depends on a cancelled one, and was begun before': () => {
    const run = new Run({ workerCount: 1 }).planned([
      planned('a'),
      planned('b', { dependsOn: [a] }),
    ])
    const draft = new Draft(run.state, run.at)
    draft.setTask(TaskId('b'), { attempts: run.task('a').attempts })
    run.state = draft.state
    return cancel(run)
  },
  'tasks that are ticked before they are merged': () => {
    const run = new Run().planned([planned('a'), planned('b')])
    run.confirmed(one).confirmed(two).reports(one).reports(two)
    tick(run, TaskId('b'))
    const verdict = { task: a, commit: commit('work-a') }
    return tick(run.when({ type: 'merge-failed', reason: 'x', mayHaveLanded: false, ...verdict }))
  },
  'a merged task whose work does not fit the history that a person made': () => {
    const rewrite = { before: commit('before'), after: commit('after') }
    const work = { task: a, from: commit('merge-a'), work: commit('work-a'), paths: ['index.js'] }
    const followed = { ...rewrite, head: rewrite.after, former: 'refs/rewritten/main/1' }
    return atWork()
      .reports(one)
      .lands()
      .when({ type: 'upstream-rewritten', line, ...rewrite })
      .when({ type: 'rewrite-answered', line, answer: 'follow' })
      .when({
        type: 'origin-followed',
        line,
        ...followed,
        replayed: [],
        returned: [work],
        removed: [],
      })
  },
  'a returned task that is ticked': () => {
    const rejected = atWork()
      .reports(one)
      .when({
        type: 'merge-rejected',
        task: a,
        commit: commit('work-a'),
        output: 'no',
      })
    const conflicted = atWork().reports(one).conflicts()
    tick(rejected).transitions.push(...tick(conflicted).transitions)
    return rejected
  },
  'tasks that are cancelled before they are merged': () => {
    const run = new Run().planned([planned('a'), planned('b')])
    run.confirmed(one).confirmed(two).reports(one).reports(two)
    cancel(run, TaskId('b'))
    const verdict = { task: a, commit: commit('work-a') }
    return cancel(run.when({ type: 'merge-failed', reason: 'x', mayHaveLanded: false, ...verdict }))
  },
}
