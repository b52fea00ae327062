import { describe, expect, it } from 'vitest'
import { fail, held, quota, replaced, working } from '../../../test/support/limits.ts'
import { one, Run } from '../../../test/support/run.ts'
import type { State } from '../../core/model/state.ts'
import { describeTransitions } from './transition-log.ts'

const linesOf = (before: State, after: State) => {
  const entry = {
    sequence: 1,
    event: { at: 0, type: 'clock-ticked' as const },
    commands: [],
    reply: null,
    ignored: null,
  }
  return describeTransitions({ before, after, entry }).map(({ level, text }) => `${level}: ${text}`)
}

describe('the transition log', () => {
  it('shows the new phases of an instance and its credential', () => {
    const run = working(1)
    const before = run.state
    const credential = held(run)
    fail(run, quota(run.at + 60_000))
    expect(linesOf(before, run.state)).toEqual([
      'warn: worker-1 is rate-limited',
      `warn: credential ${credential} is cooling`,
    ])
    const limited = run.state
    replaced(run)
    expect(linesOf(limited, run.state)).toEqual([
      'info: worker-1 is prompted',
      'info: worker-1 goes on with key-4',
    ])
  })

  it('warns before the budget is used up, and when it is', () => {
    const run = new Run({ workerCount: 1, budget: { perRun: { tokens: 100 } } }).allUp()
    const use = (outputTokens: number) => {
      const before = run.state
      const usage = {
        model: 'm',
        inputTokens: 0,
        outputTokens,
        cacheReadTokens: 0,
        cacheCreationTokens: 0,
        costMicros: 0,
      }
      run.when({ type: 'usage-counted', credential: null, usage, ...run.from(one) })
      return linesOf(before, run.state)
    }
    expect(use(79)).toEqual([])
    expect(use(1)).toEqual(['warn: four fifths of the budget of the run are used'])
    expect(use(20)).toEqual(['warn: the budget of the run is used up'])
  })

  it('shows a host that an instance may not reach once, and where its name leads', () => {
    const run = new Run()
    const refuse = (host: string) => {
      const before = run.state
      run.when({ type: 'host-refused', instance: one, host })
      return linesOf(before, run.state)
    }
    expect(refuse('pypi.org')).toEqual([
      'warn: worker-1 may not reach pypi.org: hosts.refused of /status allows it',
    ])
    expect(refuse('pypi.org')).toEqual([])
    expect(refuse('npm.corp:4873 in 10.0.0.5')).toEqual([
      'warn: worker-1 may not reach npm.corp:4873, which leads to the private address 10.0.0.5: ' +
        'hosts.refused of /status allows it',
    ])
  })

  it('shows a host that an instance sends much to once', () => {
    const run = new Run()
    const upload = { instance: one, host: 'pypi.org' }
    const notice = (host: string) => {
      const before = run.state
      run.when({ type: 'upload-noticed', ...upload, host, sentBytes: 21 })
      return linesOf(before, run.state)
    }
    expect(notice('pypi.org')).toEqual([
      'warn: worker-1 has sent much to pypi.org: hosts.uploads of /status accepts it',
    ])
    expect(notice('pypi.org')).toEqual([])
    const before = run.state
    run.when({ type: 'upload-accepted', ...upload })
    expect(linesOf(before, run.state)).toEqual([])
  })

  it('has no line when nothing changed', () => {
    const { state } = new Run()
    expect(linesOf(state, state)).toEqual([])
  })
})
