import { describe, expect, it } from 'vitest'
import { acknowledgedProblems } from './acknowledged.ts'
import type { Evidence, Row } from './evidence.ts'
import { holdingProblems } from './holding.ts'
import { interventionsIn, quarantinesIn } from './interventions.ts'
import { planProblems } from './plan.ts'

interface Entry {
  readonly event: Partial<Row['event']> & { readonly type: string }
  readonly commands?: Row['commands']
  readonly ignored?: string
}

/** A journal of entries, one second apart. */
const evidence = (entries: readonly Entry[], rest: Partial<Evidence> = {}): Evidence => ({
  journal: entries.map(({ event, commands = [], ignored = null }, index) => ({
    sequence: index + 1,
    event: { at: index * 1_000, ...event },
    commands,
    ignored,
  })),
  tasks: [],
  instances: [],
  credentials: [],
  run: { phase: { name: 'done' } },
  integrity: 'ok',
  ...rest,
})

const nothing: ReadonlySet<string> = new Set()
const fact = (event: Entry['event']): Entry => ({ event })
const work = (type: string, instance: string, task = 'a', launch = 1): Entry =>
  fact({ type, instance, task, launch })
const starts = (instance: string, launch: number): Entry => ({
  event: { type: 'clock-ticked' },
  commands: [{ type: 'start-instance', instance, launch }],
})
const acknowledged = [{ call: 'c1', tool: 'report_done', task: 'a' }] as const

describe('what was acknowledged', () => {
  it('is in the journal', () => {
    expect(
      acknowledgedProblems(evidence([work('task-reported', 'worker-1')]), acknowledged),
    ).toEqual([])
  })

  it('is missed when it is not there, or was ignored', () => {
    const ignored = {
      ...work('task-reported', 'worker-1'),
      ignored: 'worker-1 does not hold task a',
    }
    expect(acknowledgedProblems(evidence([]), acknowledged)).toEqual([
      expect.stringContaining('in the journal 0 times'),
    ])
    expect(acknowledgedProblems(evidence([ignored]), acknowledged)).toHaveLength(1)
  })

  it('has one effect: neither a hook nor a report counts twice', () => {
    const hook = fact({ type: 'sign-of-life', instance: 'worker-1', launch: 1, sequence: 7 })
    expect(acknowledgedProblems(evidence([hook, hook]), [])).toEqual([
      'hook 7 of worker-1, launch 1 had 2 effects',
    ])
    const report = work('task-reported', 'worker-1')
    expect(acknowledgedProblems(evidence([report, report]), [])).toEqual([
      expect.stringContaining('was reported again (2)'),
    ])
    expect(
      acknowledgedProblems(
        evidence([report, fact({ type: 'merge-conflicted', task: 'a' }), report]),
        [],
      ),
    ).toEqual([])
  })

  it('is worth nothing in a damaged database', () => {
    expect(acknowledgedProblems(evidence([], { integrity: 'row 3 missing' }), [])).toEqual([
      expect.stringContaining('row 3 missing'),
    ])
  })
})

describe('a task', () => {
  it('changes hands when its worker is out of service, and not before', () => {
    const before = [
      work('brief-fetched', 'worker-1'),
      fact({ type: 'instance-lost', instance: 'worker-1', launch: 1 }),
    ]
    const after = work('brief-fetched', 'worker-2')
    expect(holdingProblems(evidence([...before, after]))).toEqual([
      'worker-2 worked on a (3) while worker-1 held it',
    ])
    const quarantined = {
      ...fact({ type: 'clock-ticked' }),
      commands: [{ type: 'stop-instance', instance: 'worker-1', launch: 1 }],
    }
    expect(holdingProblems(evidence([...before, quarantined, after]))).toEqual([])
    expect(quarantinesIn(evidence([...before, quarantined, after]))).toBe(1)
  })

  it('may be reworked by another worker after its report', () => {
    const facts = [
      work('brief-fetched', 'worker-1'),
      work('task-reported', 'worker-1'),
      work('brief-fetched', 'worker-2'),
    ]
    expect(holdingProblems(evidence(facts))).toEqual([])
  })

  it('is untouched by an older launch', () => {
    const facts = [
      starts('worker-1', 1),
      starts('worker-1', 2),
      work('brief-fetched', 'worker-1', 'a', 1),
    ]
    expect(holdingProblems(evidence(facts))).toEqual([
      expect.stringContaining('of launch 1 of worker-1 had an effect'),
    ])
  })

  it('is held once at a time in the memory of the database', () => {
    const attempt = { launch: 1, outcome: 'reported' }
    const tasks = [
      {
        id: 'a',
        dependsOn: [],
        phase: { name: 'merged' },
        attempts: [
          { ...attempt, instance: 'worker-1', startedAt: 0, endedAt: 10 },
          { ...attempt, instance: 'worker-2', startedAt: 5, endedAt: 20 },
        ],
      },
    ]
    expect(holdingProblems(evidence([], { tasks }))).toEqual([
      'a: worker-2 took a before worker-1 let go of a',
    ])
  })
})

describe('the plan', () => {
  const task = (id: string, phase: string, dependsOn: readonly string[] = []) => ({
    id,
    phase: { name: phase },
    dependsOn: [...dependsOn],
    attempts: [],
  })

  it('is fulfilled when every task is merged once, after what it depends on', () => {
    const facts = [
      fact({ type: 'merge-landed', task: 'a' }),
      work('brief-fetched', 'worker-1', 'b'),
      fact({ type: 'merge-landed', task: 'b' }),
    ]
    expect(
      planProblems(
        evidence(facts, { tasks: [task('a', 'merged'), task('b', 'merged', ['a'])] }),
        nothing,
      ),
    ).toEqual([])
  })

  it('is fulfilled by a person who builds a task and ticks it, and by no one else', () => {
    const facts = [
      fact({ type: 'lists-edited', edits: [{ type: 'ticked', task: 'a' }] }),
      work('brief-fetched', 'worker-1', 'b'),
      fact({ type: 'merge-landed', task: 'b' }),
    ]
    const found = evidence(facts, { tasks: [task('a', 'done'), task('b', 'merged', ['a'])] })
    expect(planProblems(found, new Set(['a']))).toEqual([])
    expect(planProblems(found, nothing)).toEqual(['a is done'])
  })

  it('is fulfilled by work that lands again after it did not fit a rewritten origin', () => {
    const landed = fact({ type: 'merge-landed', task: 'a' })
    const returned = [{ task: 'a', from: 'f'.repeat(40) }]
    const followed = fact({ type: 'origin-followed', replayed: [], returned, removed: [] })
    const tasks = [task('a', 'merged')]
    expect(planProblems(evidence([landed, followed, landed], { tasks }), nothing)).toEqual([])
    expect(planProblems(evidence([landed, landed], { tasks }), nothing)).toHaveLength(1)
  })

  it('is not when a task is open, was begun too early, or was merged twice', () => {
    const facts = [
      work('brief-fetched', 'worker-1', 'b'),
      fact({ type: 'merge-landed', task: 'a' }),
      fact({ type: 'merge-landed', task: 'a' }),
    ]
    expect(
      planProblems(
        evidence(facts, { tasks: [task('a', 'merged'), task('b', 'blocked', ['a'])] }),
        nothing,
      ),
    ).toEqual(['b is blocked', 'b was begun before a was merged', 'a landed 2 times'])
  })

  it('needs a human for what nothing else can clear', () => {
    const credentials = [
      { id: 'key-1', phase: { name: 'cooling' } },
      { id: 'key-2', phase: { name: 'rejected' } },
    ]
    const instances = [{ id: 'worker-1', launch: 9, phase: { name: 'quarantined' } }]
    expect(interventionsIn(evidence([], { credentials, instances }))).toEqual(['key-2'])
    const stuck = {
      credentials,
      instances,
      tasks: [task('a', 'blocked')],
      run: { phase: { name: 'executing' }, head: 'f00' },
    }
    expect(interventionsIn(evidence([], stuck))).toEqual(['key-2', 'worker-1', 'a'])
  })
})
