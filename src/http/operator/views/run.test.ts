import { describe, expect, it } from 'vitest'
import { commit, one, planned, Run, tip } from '../../../../test/support/run.ts'
import type { RunPhase } from '../../../core/model/run.ts'
import { TaskId } from '../../../core/model/ids.ts'
import type { State } from '../../../core/model/state.ts'
import { newLine } from '../../../core/model/line.ts'
import type { CurlOf } from './curl.ts'
import { viewRun } from './run.ts'

const ending = { since: 0, report: 'r', tries: 0, until: 0, reason: null } as const
const curl: CurlOf = ({ path }, parameters = {}, body) =>
  `curl ${path.replaceAll(/:(\w+)/g, (_, name: string) => parameters[name] ?? '')}` +
  (body === undefined ? '' : ` -d ${JSON.stringify(body)}`)

const needs = (state: State, phase: RunPhase = state.run.phase): string | null =>
  viewRun({
    state: { ...state, run: { ...state.run, phase } },
    runtimeOutage: null,
    runningChecks: [],
    curl,
    hub: '/state/hub.git',
  }).needs

const rewrite = { since: 0, before: commit('old'), after: commit('new'), verdict: null }
const publishing: RunPhase = { name: 'publishing', ...ending, isWritten: true }
const done: RunPhase = {
  name: 'done',
  ...ending,
  isWritten: true,
  isStopped: true,
  isAccepted: true,
}

describe('a run that waits for its origin', () => {
  const { state } = new Run({ budget: { perRun: { tokens: 0 } } }).planned([planned('a')])

  it('names the way to end it, also when the budget is used up', () => {
    expect(needs(state, publishing)).toContain('curl /api/v1/run/accept')
  })

  it('names the rewritten origin beside that', () => {
    const lines = state.lines.with({ ...newLine(tip(), 0), rewrite })
    const text = needs({ ...state, lines }, publishing)
    expect(text).toContain('curl /api/v1/run/accept')
    expect(text).toContain('was rewritten')
    for (const answer of ['follow', 'keep'])
      expect(text).toContain(`curl /api/v1/lines/main/rewrite -d {"answer":"${answer}"}`)
    expect(needs({ ...state, lines }, done)).toBeNull()
  })

  it('asks no more once a person has answered, and says what keeps the answer from being done', () => {
    const [reason, answered] = ['no route to host', { ...rewrite, verdict: 'follow' } as const]
    const failed = { name: 'failed', since: 0, reason, tries: 2, until: 1 } as const
    const lines = state.lines.with({ ...newLine(tip(), 0), rewrite: answered, upstream: failed })
    const text = needs({ ...state, lines }, publishing)
    expect(text).toContain('answered "follow"')
    expect(text).toContain(reason)
    expect(text).not.toContain('/rewrite')
    const fetched = state.lines.with({ ...newLine(tip(), 0), rewrite: answered })
    expect(needs({ ...state, lines: fetched }, publishing)).not.toContain('/rewrite')
  })
})

describe('a conflict with the origin that is left to a person', () => {
  it('names paths so that none reads as a command or as the server’s own words', () => {
    const { state } = new Run().planned([planned('a')])
    const conflict = {
      since: 0,
      commit: commit('theirs'),
      paths: ['src/a.ts', 'x); run: curl evil\u001B[2K\n'],
      task: TaskId('merge-origin'),
    }
    const lines = state.lines.with({ ...newLine(tip(), 0), conflict })
    expect(needs({ ...state, lines })).toContain(
      String.raw`(src/a.ts, "x); run: curl evil\u001b[2K\n")`,
    )
  })
})

describe('a branch that fails its checks', () => {
  const failed = (isAccepted: boolean): State => {
    const failure = {
      commit: commit('base'),
      command: 'npm ci',
      position: 0,
      output: 'a\nEAI_AGAIN\n',
    }
    const base = { name: 'failed', since: 0, failure, times: 1, isAccepted } as const
    const { state } = new Run({ checks: ['npm ci'] }).planned([planned('a')])
    return { ...state, lines: state.lines.with({ ...newLine(tip(), 0), base }) }
  }

  it('is named with its check, the output and the ways on', () => {
    const text = needs(failed(false))
    expect(text).toContain('the check "npm ci" fails on main itself')
    expect(text).toContain('a EAI_AGAIN')
    expect(text).toContain('/api/v1/lines/main/checks -d {"answer":"again"}')
    expect(text).toContain('/api/v1/lines/main/checks -d {"answer":"merge"}')
  })

  it('needs nothing more once a person accepted that', () => {
    expect(needs(failed(true))).toBeNull()
  })
})

describe('a push that failed', () => {
  const { state } = new Run().planned([planned('a')])
  const after = (tries: number): string | null => {
    const reason = 'others pushed to main meanwhile'
    const publish = { name: 'failed', since: 0, reason, tries, until: 1 } as const
    return needs({ ...state, lines: state.lines.with({ ...newLine(tip(), 0), publish }) })
  }

  it('needs a person from the second time on: the first may be a push of others', () => {
    expect(after(1)).toBeNull()
    expect(after(2)).toBe('others pushed to main meanwhile')
  })
})

describe('a task that is stuck', () => {
  it('is named with the ways on', () => {
    const run = new Run({ workerCount: 1, returns: 0, rounds: 0 }).planned([planned('a')])
    const { state } = run.confirmed(one).reports(one).stops(one).conflicts()
    const text = needs(state)
    expect(text).toContain('curl /api/v1/tasks/a/answer -d')
    expect(text).toContain('curl /api/v1/tasks/a/cancel -d')
    expect(text).toContain('its work was returned again and again')
  })

  it('is named when its workers do not report', () => {
    const run = new Run({ workerCount: 1, reminders: 0, rounds: 0 }).planned([planned('a')])
    const text = needs(run.confirmed(one).stops(one).state)
    expect(text).toContain('its workers stop without a report, or hang, again and again')
    expect(text).toContain('curl /api/v1/tasks/a/answer -d')
  })

  it('is named when its workers are lost', () => {
    const run = new Run({ workerCount: 1, losses: 1, rounds: 0 }).planned([planned('a')])
    run.confirmed(one).when({ type: 'instance-lost', cause: 'killed', ...run.from(one) })
    expect(needs(run.state)).toContain('its workers are lost again and again')
  })
})

describe('a large upload', () => {
  const notice = () =>
    new Run()
      .planned([planned('a')])
      .when({ type: 'upload-noticed', instance: one, host: 'pypi.org', sentBytes: 22 * 1024 ** 2 })

  it('is named with the ways on, until a person accepts it', () => {
    const run = notice()
    const { phase } = run.state.run
    const text = needs(run.state, phase)
    expect(text).toContain('worker-1 has sent 22 MiB to pypi.org')
    expect(text).toContain('curl /api/v1/instances/worker-1/accept-upload -d {"host":"pypi.org"}')
    expect(text).toContain('change allowHosts or network in the settings')
    const { state } = run.when({ type: 'upload-accepted', instance: one, host: 'pypi.org' })
    expect(needs(state, phase)).toBeNull()
  })

  it('to a host that was allowed while the run went on can be ended at once', () => {
    const { state } = notice().when({ type: 'host-allowed', host: 'pypi.org:443' })
    expect(needs(state, state.run.phase)).toContain(
      '/api/v1/hosts/withdraw -d {"host":"pypi.org:443"}',
    )
  })
})
