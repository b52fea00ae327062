import { TaskId } from '../../src/core/model/ids.ts'
import { fail, minutes, quota, replaced, withBusyManager, working } from './limits.ts'
import { commit, line, manager, one, planned, Run } from './run.ts'

/** Runs that need a person, each for another reason. */

const a = TaskId('a')

export const unapproved = () => new Run({ workerCount: 1, plan: 'approve' }).planned([planned('a')])
/** The plan is approved, and the Manager adds to it. */
export function grown(): Run {
  const run = unapproved().when({ type: 'plan-approved' }).confirmed(one)
  const added = { tasks: [planned('b')], isComplete: true }
  return run.when({ type: 'plan-submitted', ...added, ...run.from(manager) })
}

const small = (policy: ConstructorParameters<typeof Run>[0] = {}) =>
  new Run({ workerCount: 1, ...policy })
const atWork = (policy = {}) =>
  small(policy)
    .planned([planned('a'), planned('b')])
    .confirmed(one)
const reported = (policy = {}) => atWork(policy).reports(one).stops(one)

/** The Manager has answered every request for more tasks with nothing. */
export function silent(): Run {
  const run = small().planned([planned('a')], false)
  for (let passed = 0; passed < 24 * 60; passed += 1) {
    const { phase } = run.instance(manager)
    if (phase.name === 'prompted') {
      run.confirmed(manager)
      run.when({ type: 'plan-submitted', tasks: [], isComplete: false, ...run.from(manager) })
      run.stops(manager)
    }
    run.later(minutes)
  }
  return run
}

/** Everything is built, and the origin refuses the last push. */
export function publishing(): Run {
  const run = small()
    .planned([planned('a')])
    .confirmed(one)
    .reports(one)
    .stops(one)
    .lands()
  run.confirmed(manager).when({ type: 'run-finished', report: 'ok', ...run.from(manager) })
  run.when({ type: 'report-written' })
  run.when({ type: 'upstream-merged', line, head: commit('merge-a') })
  for (let lists = 0; lists < 2; lists += 1)
    run.when({ type: 'lists-committed', line, head: commit('merge-a') })
  for (let tries = 0; tries < 3; tries += 1)
    run.when({ type: 'publish-refused', line, reason: 'no', isBehind: false }).later(20_000)
  return run
}

export const rewritten = () =>
  atWork().when({
    type: 'upstream-rewritten',
    line,
    before: commit('before'),
    after: commit('after'),
  })

export function failingBranch(): Run {
  const failure = { commit: commit('base'), command: 'npm ci', position: 0, output: 'EAI_AGAIN' }
  return atWork({ checks: ['npm ci'] }).when({ type: 'base-failed', line, failure })
}

export const asking = () => {
  const run = atWork().briefed(one)
  const commitOf = { task: a, question: 'Which dates?', commit: null }
  return run.when({ type: 'task-blocked', ...commitOf, ...run.from(one) })
}
export const returned = () => reported({ returns: 0, rounds: 0 }).conflicts()

export function protecting(): Run {
  const [base, candidate] = [commit('base'), commit('candidate')]
  const seen = { content: 'c1', paths: ['.github/ci.yml'], count: 1, base, candidate, origin: null }
  return reported().when({ type: 'merge-held', task: a, commit: commit('work-a'), work: seen })
}

export const uploading = () => {
  const upload = { instance: one, host: 'pypi.org', sentBytes: 22 * 1024 ** 2 }
  return atWork()
    .when({ type: 'host-allowed', host: 'pypi.org' })
    .when({ type: 'upload-noticed', ...upload })
}
export const refused = () =>
  atWork().when({ type: 'host-refused', instance: one, host: 'npm.corp:4873' })

/** The worker was given as many credentials as its own reports may lead to. */
export function withheld(): Run {
  const run = working(9)
  for (let times = 0; times < 3; times += 1) {
    fail(run, quota(run.at + 60 * minutes))
    if (run.instance(one).rotation !== null) replaced(run)
    if (run.instance(one).phase.name === 'prompted') run.confirmed(one)
  }
  return run
}

/** The only credential that the worker could have is out of use, and the Manager keeps its own. */
export const spent = () => fail(withBusyManager(working(0)), { kind: 'spent' })
/** A person put the whole pool out of use. */
export const disabled = () => {
  const run = atWork()
  for (const credential of run.state.credentials.keys())
    run.when({ type: 'credential-disabled', credential, reason: 'mine' })
  return run
}
