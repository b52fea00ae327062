import { describe, expect, it } from 'vitest'
import { manager, one, planned, Run } from '../../../test/support/run.ts'
import { TaskId } from '../model/ids.ts'

const use = (run: Run, outputTokens: number) => {
  const usage = {
    model: 'm',
    inputTokens: 0,
    outputTokens,
    cacheReadTokens: 0,
    cacheCreationTokens: 0,
    costMicros: 0,
  }
  return run.when({ type: 'usage-counted', credential: null, usage, ...run.from(one) })
}

describe('a budget that is used up', () => {
  it('of the run starts no new task; running ones are finished and merged', () => {
    const run = new Run({ workerCount: 1, budget: { perRun: { tokens: 100 } } })
      .planned([planned('a'), planned('b')])
      .confirmed(one)
    use(run, 100).reports(one)
    expect(run.asked('merge-task')).toHaveLength(1)
    expect(run.stops(one).typed()).toEqual([])
    expect(run.task('b').phase.name).toBe('queued')
  })

  it('of a task turns its next try into a question, which an answer alone does not resolve', () => {
    const run = new Run({ workerCount: 1, budget: { perTask: { tokens: 100 } } })
      .planned([planned('a')])
      .confirmed(one)
    use(run, 100).reports(one).stops(one).conflicts()
    expect(run.task('a').phase).toMatchObject({
      name: 'blocked',
      question: expect.stringContaining('budget') as string,
    })
    expect(run.typed()).toMatchObject([{ instance: manager }])
    run.when({
      type: 'task-answered',
      task: TaskId('a'),
      answer: 'Go on.',
      worker: null,
      by: 'manager',
    })
    expect(run.ignored).toContain('is used up')
    run.start({ ...run.state.policy, budget: { perTask: { tokens: 1_000 } } })
    run.when({
      type: 'task-answered',
      task: TaskId('a'),
      answer: 'Go on.',
      worker: null,
      by: 'operator',
    })
    expect(run.task('a').phase.name).toBe('assigned')
  })

  it('of one task does not stop the others', () => {
    const run = new Run({ workerCount: 1, budget: { perTask: { tokens: 100 } } })
      .planned([planned('a'), planned('b')])
      .confirmed(one)
    use(run, 500).reports(one).stops(one)
    expect(run.task('b').phase.name).toBe('assigned')
  })
})
