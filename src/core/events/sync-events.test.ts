import { describe, expect, it } from 'vitest'
import { commit, line, planned, Run, tip } from '../../../test/support/run.ts'
import { newLine } from '../model/line.ts'
import { hubTimeoutMs } from '../model/policy.ts'

/** A run whose lists, push and fetch have all ended well. */
const inSync = () => {
  const run = new Run({ workerCount: 1 }).planned([planned('a')])
  run.when({ type: 'upstream-merged', line, head: commit('base') })
  for (let lists = 0; lists < 2; lists += 1)
    run.when({ type: 'lists-committed', line, head: commit('lists') })
  run.when({ type: 'published', line }).when({ type: 'published', line })
  const { lists, publish, upstream } = run.state.lines.get(line) ?? newLine(tip(), 0)
  expect([lists.name, publish.name, upstream.name]).toEqual(['current', 'current', 'current'])
  return run
}

describe('a push that the origin refuses', () => {
  const refuse = (isBehind: boolean) => {
    const run = inSync()
    run.later(60_000).when({ type: 'upstream-merged', line, head: commit('pushed') })
    expect(run.state.lines.get(line)?.publish.name).toBe('running')
    return run.when({ type: 'publish-refused', line, reason: 'others pushed meanwhile', isBehind })
  }

  it('makes the server fetch at once when the origin has commits that the hub lacks', () => {
    expect(refuse(true).asked('merge-upstream')).toHaveLength(1)
  })

  it('makes the server fetch nothing when the reason is another one', () => {
    expect(refuse(false).asked('merge-upstream')).toEqual([])
  })
})

describe('a push that was given up and succeeds later', () => {
  it('does not count for the head that the hub has by then', () => {
    const run = inSync()
    const fetched = (head: string) =>
      run.later(60_000).when({ type: 'upstream-merged', line, head: commit(head) })
    fetched('first')
    run.later(hubTimeoutMs(run.state.policy))
    expect(run.state.lines.get(line)?.publish.name).toBe('failed')
    fetched('second')
    run.when({ type: 'published', line, head: commit('first') })
    expect(run.state.lines.get(line)?.publish.name).toBe('running')
    run.when({ type: 'published', line, head: commit('second') })
    expect(run.state.lines.get(line)?.publish.name).toBe('current')
  })
})

describe('the head of the hub', () => {
  const fetch = (head: string) => {
    const run = inSync().later(60_000)
    expect(run.asked('merge-upstream')).toHaveLength(1)
    return run.when({ type: 'upstream-merged', line, head: commit(head) })
  }

  it('is published when merging what others pushed has moved it', () => {
    const run = fetch('pushed')
    expect(run.state.lines.get(line)?.head).toBe(commit('pushed'))
    expect(run.asked('publish')).toHaveLength(1)
  })

  it('is published when a command of the last server moved it and its outcome was lost', () => {
    const run = inSync()
    const { policy, credentials } = run.state
    run.when({
      type: 'server-started',
      policy,
      lines: [{ ...tip(), head: commit('lists of a dead server') }],
      credentials: [...credentials.values()].map(({ id, kind }) => ({ id, kind })),
    })
    expect(run.asked('publish')).toHaveLength(1)
  })

  it('is not published again when the origin had nothing new', () => {
    expect(fetch('lists').asked('publish')).toEqual([])
  })
})
