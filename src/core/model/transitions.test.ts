import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { commit, line, one, type Run } from '../../../test/support/run.ts'
import { atWork, scripts } from '../../../test/support/transition-scripts.ts'
import { steps, walks } from '../../../test/support/walk.ts'
import { Draft } from './draft.ts'
import { TaskId } from './ids.ts'
import { transitions } from './transitions.ts'

const a = TaskId('a')

const arrow = (noun: string, from: string, to: string): string => `${noun}: ${from} → ${to}`

describe('the table of transitions', () => {
  const taken = new Set<string>([
    // `initialState` begins with these.
    arrow('run', 'none', 'planning'),
    arrow('sync', 'none', 'current'),
  ])
  const note = (run: Run): void => {
    for (const { noun, from, to } of run.transitions) taken.add(arrow(noun, from, to))
  }

  beforeAll(() => {
    // A transition that the table lacks throws.
    fc.assert(
      fc.property(walks({ minLength: 300, maxLength: 300 }), ({ begin, path }) => {
        const run = begin()
        for (const { name, n } of path) steps[name]?.(run, n)
        note(run)
      }),
      { numRuns: 250, seed: 1 },
    )
  }, 120_000)

  it.each(Object.entries(scripts))('allows what happens to %s', (_, script) => {
    note(script())
  })

  it('has no arrow that is never taken', () => {
    const all = Object.entries(transitions).flatMap(([noun, arrows]) =>
      Object.entries(arrows).flatMap(([from, tos]: readonly [string, readonly string[]]) =>
        tos.map((to) => arrow(noun, from, to)),
      ),
    )
    expect(all.filter((each) => !taken.has(each))).toEqual([])
  })
})

describe('a phase', () => {
  const draftOf = (run: Run) => new Draft(run.state, run.at)

  it('that may not follow is not entered', () => {
    const draft = draftOf(atWork())
    expect(() => draft.enterTask(a, { name: 'queued' })).not.toThrow()
    expect(() => draft.enterTask(a, { name: 'merged', commit: commit('x') })).toThrow(
      'task a must not go from queued to merged',
    )
    expect(() => draft.enterInstance(one, { name: 'stopped' })).toThrow(
      'instance worker-1 must not go from working to stopped',
    )
  })

  it('is not replaced by another one without being entered', () => {
    const draft = draftOf(atWork())
    expect(() => draft.setInstance(one, { phase: { name: 'ready', since: 0 } })).toThrow(
      'instance worker-1 must enter ready from working, not be set to it',
    )
    expect(() => draft.setLine(line, { publish: { name: 'outdated', failure: null } })).toThrow(
      'sync main/publish must enter',
    )
  })
})
