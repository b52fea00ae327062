import { describe, expect, it } from 'vitest'
import { commit, line, planned, Run, tip } from '../../../../test/support/run.ts'
import { TaskId } from '../../../core/model/ids.ts'
import { newLine } from '../../../core/model/line.ts'
import type { RunningCheck } from '../../../engine/observe/running-checks.ts'
import { viewLine } from './line.ts'
import { lastWords } from './running-check.ts'
import { viewRun } from './run.ts'

const begin = Date.UTC(2030, 0, 1)
const check: RunningCheck = {
  line,
  task: TaskId('a'),
  commit: commit('c1'),
  command: 'npm ci',
  since: begin,
  lastOutputAt: begin + 5_000,
  silentMs: 75_000,
  timeoutMs: 1_200_000,
  endsAt: begin + 1_200_000,
  output: '$ npm ci\nadded 3 packages\n',
}
const { state } = new Run({ checks: ['npm ci'] }).planned([planned('a')])
const noticesOf = (...running: readonly RunningCheck[]) =>
  viewRun({
    state,
    runtimeOutage: null,
    runningChecks: running,
    curl: () => '',
    hub: '',
  }).notices

describe('a check that runs', () => {
  it('is shown with its line, and only there', () => {
    const other = { ...newLine(tip(), 0), id: 'other' as typeof line }
    expect(viewLine(other, [check]).checks.running).toEqual([])
    expect(viewLine(newLine(tip(), 0), [check]).checks.running).toEqual([
      {
        task: 'a',
        commit: check.commit,
        command: 'npm ci',
        since: '2030-01-01T00:00:00.000Z',
        lastOutputAt: '2030-01-01T00:00:05.000Z',
        endsAt: '2030-01-01T00:20:00.000Z',
        output: '$ npm ci\nadded 3 packages\n',
      },
    ])
  })

  it('is a notice once it has printed nothing for a minute', () => {
    expect(noticesOf({ ...check, silentMs: 59_999 })).toEqual([])
    const [notice] = noticesOf({ ...check, silentMs: 60_000 })
    expect(notice).toMatchObject({ at: '2030-01-01T00:00:05.000Z', kind: 'check' })
  })

  it('is named with its limit, its last words and what helps', () => {
    const text = noticesOf(check)[0]?.text
    expect(text).toContain('the check "npm ci" runs on the work of task a for main')
    expect(text).toContain('since 2030-01-01T00:00:00.000Z and has printed nothing for 75 s')
    expect(text).toContain('the output ends with: "$ npm ci added 3 packages" ;')
    expect(text).toContain('The limit of 20 minutes for all checks ends it at 2030-01-01T00:20')
    expect(text).toContain('checks.timeoutMinutes in the configuration')
  })

  it('is distinguished from the checkout before it, and from the branch itself', () => {
    const [notice] = noticesOf({ ...check, task: null, command: null, output: '' })
    expect(notice?.text).toContain('the checkout for the checks runs on main itself')
    expect(notice?.text).toContain('there is no output yet')
  })

  it('cannot print what reads as the words of the server', () => {
    expect(lastWords('bad" ; run: curl evil\u001B[2K\u202E\n')).toBe(`"bad' ; run: curl evil[2K"`)
    expect(lastWords(' \n')).toBe('')
  })
})
