import fc from 'fast-check'
import type { Backup } from '../../src/core/model/backup.ts'
import type { Commit } from '../../src/core/model/ids.ts'
import type { ModelError } from '../../src/core/model/model-error.ts'
import type { Task } from '../../src/core/model/task.ts'
import { checkSteps, reject } from './check-steps.ts'
import { planSteps } from './plan-steps.ts'
import { commit, line, Run } from './run.ts'
import { waitSteps } from './wait-steps.ts'
import { instance, key, nth, type Step } from './walk-step.ts'

const task =
  (act: (run: Run, task: Task) => unknown): Step =>
  (run, n) => {
    const found = nth(run.state.tasks.values(), n)
    return found && act(run, found)
  }
const backup =
  (act: (run: Run, backup: Backup) => unknown): Step =>
  (run, n) => {
    const found = nth(run.state.backups.values(), n)
    return found && act(run, found)
  }
const merge =
  (
    act: (
      run: Run,
      verdict: { readonly task: Task['id']; readonly commit: Commit },
      n: number,
    ) => unknown,
  ): Step =>
  (run, n) => {
    const head = run.state.merges.find(({ phase }) => phase.name !== 'held')
    return head && act(run, { task: head.task, commit: head.commit }, n)
  }
const rewrites = (n: number) => ({
  before: commit(`before-${n % 2}`),
  after: commit(`after-${n % 3}`),
  verdict: null,
})
const seconds = [0, 1, 5, 20, 60, 600, 3_600, 8 * 24 * 3_600]
const modelErrors = (run: Run): readonly ModelError[] => [
  { kind: 'quota', window: 'five-hour', until: run.at + 60_000 },
  ...(['rejected', 'spent', 'throttled', 'overloaded', 'other'] as const).map((kind) => ({ kind })),
]
const modelError = (run: Run, n: number): ModelError =>
  nth(modelErrors(run), n) ?? { kind: 'other' }

/** What can happen to a run, as the core sees it; the names are for the report of a failed walk. */
export const steps: Readonly<Record<string, Step>> = {
  later: (run, n) => run.later((seconds[n % seconds.length] ?? 0) * 1_000),
  soon: (run) => run.later(1_000),
  turn: instance((run, { id, phase }) => phase.name === 'prompted' && run.confirmed(id).stops(id)),
  restart: (run, n) => run.start({ ...run.state.policy, workerCount: 1 + (n % 2) }),
  up: (run) => run.allUp(),
  confirm: instance((run, { id, phase }) => phase.name === 'prompted' && run.confirmed(id)),
  foreign: instance((run, { id }) =>
    run.when({ type: 'prompt-confirmed', text: 'hello', ...run.from(id) }),
  ),
  stop: instance((run, { id }) => run.stops(id)),
  fail: instance((run, { id }, n) =>
    run.when({
      type: 'turn-failed',
      modelError: modelError(run, n),
      message: 'no',
      inSubagent: n % 5 === 4,
      ...run.from(id),
    }),
  ),
  lose: instance((run, { id }, n) =>
    run.when({
      type: 'instance-lost',
      cause: 'killed',
      ...(n % 2 === 0 ? {} : { blame: 'engine' as const }),
      ...run.from(id),
    }),
  ),
  stopped: instance((run, { id }) => run.when({ type: 'instance-stopped', ...run.from(id) })),
  'not stopped': instance((run, { id }) =>
    run.when({ type: 'command-failed', command: 'stop-instance', reason: 'no', ...run.from(id) }),
  ),
  ...waitSteps,
  refused: instance(
    (run, { id, credential }, n) =>
      credential !== null &&
      run.when({
        type: 'gateway-refused',
        credential,
        modelError: modelError(run, n),
        ...run.from(id),
      }),
  ),
  accused: instance((run, { id }, n) => {
    const fact = { type: 'gateway-refused', credential: key(n) } as const
    return run.when({ ...fact, modelError: modelError(run, Math.floor(n / 4)), ...run.from(id) })
  }),
  report: instance((run, { id, task: held }) => held !== null && run.reports(id)),
  ask: instance(
    (run, { id, task: held }) =>
      held !== null &&
      run
        .briefed(id)
        .when({ type: 'task-blocked', task: held, question: '?', commit: null, ...run.from(id) }),
  ),
  use: instance((run, { id, task: held }) => {
    const usage = { inputTokens: 40, outputTokens: 0, cacheReadTokens: 0, cacheCreationTokens: 0 }
    return (
      held !== null &&
      run.when({
        type: 'usage-counted',
        credential: null,
        usage: { model: 'm', costMicros: 0, ...usage },
        ...run.from(id),
      })
    )
  }),
  answer: task((run, { id }) =>
    run.when({ type: 'task-answered', task: id, answer: 'yes', worker: null, by: 'manager' }),
  ),
  cancel: task((run, { id }) =>
    run.when({ type: 'task-cancelled', task: id, reason: 'no', by: 'manager' }),
  ),
  checking: merge((run, at) => run.when({ type: 'merge-checking', ...at })),
  land: (run) => run.state.merges.length > 0 && run.lands(),
  conflict: (run) => run.state.merges.length > 0 && run.conflicts(),
  reject: merge(reject),
  'merge fails': merge((run, at) =>
    run.when({ type: 'merge-failed', reason: 'no', mayHaveLanded: false, ...at }),
  ),
  saved: backup((run, { id }) =>
    run.when({ type: 'work-saved', backup: id, commit: commit('wip') }),
  ),
  unchanged: backup((run, { id }) => run.when({ type: 'work-unchanged', backup: id })),
  unsaved: backup((run, { id }) =>
    run.when({ type: 'work-not-saved', backup: id, reason: 'no', isFinal: true }),
  ),
  'save fails': backup((run, { id }) =>
    run.when({ type: 'work-not-saved', backup: id, reason: 'no', isFinal: false }),
  ),
  'delete backup': backup((run, { id }) => run.when({ type: 'backup-deleted', backup: id })),
  'restore backup': backup((run, { id }) => run.when({ type: 'backup-restored', backup: id })),
  forgotten: backup((run, { id }) => run.when({ type: 'backup-forgotten', backup: id })),
  'not forgotten': backup((run, { id }) =>
    run.when({ type: 'command-failed', command: 'forget-backup', reason: 'no', backup: id }),
  ),
  pool: (run, n) => {
    const credentials = [0, 1, 2, 3]
      .filter((each) => Math.floor(n / 4) % (each + 2) !== 0)
      .map((each) => ({ id: key(each), kind: 'api-key' }))
    return run.when({
      type: 'credentials-changed',
      credentials,
      changed: n % 3 === 0 ? [key(n)] : [],
    })
  },
  disable: (run, n) =>
    run.when({ type: 'credential-disabled', credential: key(n), reason: 'mine' }),
  enable: (run, n) => run.when({ type: 'credential-enabled', credential: key(n) }),
  'forget cooldown': (run, n) => run.when({ type: 'cooldown-forgotten', credential: key(n) }),
  ...planSteps,
  ...checkSteps,
  accept: (run) => run.when({ type: 'run-accepted' }),
  written: (run) => run.when({ type: 'report-written' }),
  'not written': (run) =>
    run.when({ type: 'command-failed', command: 'write-report', reason: 'no' }),
  'lists committed': (run) =>
    run.when({
      type: 'lists-committed',
      line,
      head: run.state.lines.get(line)?.head ?? commit('base'),
    }),
  'lists fail': (run) => run.when({ type: 'lists-failed', line, reason: 'no' }),
  published: (run) => run.when({ type: 'published', line }),
  'publish fails': (run, n) =>
    run.when({ type: 'publish-refused', line, reason: 'no', isBehind: n % 2 === 0 }),
  'upstream merged': (run, n) =>
    run.when({ type: 'upstream-merged', line, head: commit(`head-${n % 5}`) }),
  'upstream conflicts': (run, n) =>
    run.when({
      type: 'upstream-conflicted',
      line,
      commit: commit(`theirs-${n % 3}`),
      paths: ['index.js'],
    }),
  'origin rewritten': (run, n) => {
    const { before, after } = rewrites(n)
    return run.when({ type: 'upstream-rewritten', line, before, after })
  },
  'rewrite answered': (run, n) =>
    run.when({ type: 'rewrite-answered', line, answer: n % 3 === 0 ? 'keep' : 'follow' }),
  'origin followed': task((run, { id, phase }) => {
    const { before, after, verdict } = run.state.lines.get(line)?.rewrite ?? rewrites(0)
    if (phase.name !== 'merged' || verdict !== 'follow') return
    const from = { task: id, from: phase.commit, work: commit(`work-${id}`) }
    const isFitting = run.at % 2 === 0
    run.when({
      type: 'origin-followed',
      line,
      before,
      after,
      head: after,
      former: 'refs/rewritten/main/1',
      replayed: isFitting ? [{ ...from, to: commit(`moved-${id}`) }] : [],
      returned: isFitting ? [] : [{ ...from, paths: ['index.js'] }],
      removed: [],
    })
  }),
  'upstream fails': (run) => run.when({ type: 'upstream-failed', line, reason: 'no' }),
  'everything stopped': (run) => run.when({ type: 'everything-stopped' }),
  'not everything stopped': (run) =>
    run.when({ type: 'command-failed', command: 'stop-everything', reason: 'no' }),
}

/** Random walks: a run of random settings, and the steps that follow. */
export const walks = (length: { readonly minLength: number; readonly maxLength: number }) =>
  fc.record({
    begin: fc
      .record({
        plan: fc.constantFrom('auto', 'auto', 'auto', 'approve'),
        credentials: fc.constantFrom('file', 'file', 'gateway'),
        quarantineFailures: fc.constantFrom(1, 2),
        instancesPerCredential: fc.constantFrom(1, 2),
        tokens: fc.constantFrom(30, 1_000_000, 1_000_000),
        pool: fc.constantFrom(2, 3, 4),
      })
      .map(
        ({ tokens, pool, ...policy }) =>
          () =>
            new Run(
              { workerCount: 2, losses: 3, returns: 1, budget: { perTask: { tokens } }, ...policy },
              pool,
            ),
      ),
    path: fc.array(
      fc.record({
        // A quarter of the steps lets work go on, or no run would get far.
        name: fc.oneof(
          { weight: 3, arbitrary: fc.constantFrom(...Object.keys(steps)) },
          { weight: 1, arbitrary: fc.constantFrom('up', 'confirm', 'report', 'stop') },
        ),
        n: fc.nat(1_000),
      }),
      { size: 'max', ...length },
    ),
  })
