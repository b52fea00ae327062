import { describe, expect, it } from 'vitest'
import { line, manager, planned, Run } from '../../../test/support/run.ts'
import { TaskId } from '../model/ids.ts'

/** Each depends on the one before it, and the first on the last where they are a circle. */
const chain = (count: number, isCircle = false) =>
  Array.from({ length: count }, (_, index) => {
    const other = index === 0 ? (isCircle ? count - 1 : null) : index - 1
    return planned(`t-${index}`, { dependsOn: other === null ? [] : [TaskId(`t-${other}`)] })
  })
const submit = (tasks: ReturnType<typeof chain>) => {
  const run = new Run().allUp().confirmed(manager)
  return run.when({ type: 'plan-submitted', tasks, isComplete: true, ...run.from(manager) })
}

describe('a very long plan', () => {
  it('is accepted up to a thousand open tasks', () => {
    expect(submit(chain(1_000)).state.tasks.size).toBe(1_000)
  })

  it('is refused beyond that, with the reason', () => {
    const run = submit(chain(10_000))
    expect(run.ignored).toBe(
      'The plan would have 10000 open tasks, at most 1000 may be open at a time: ' +
        'add the others when some of these are done.',
    )
  })

  it('is refused when it is a circle, which is named', () => {
    expect(submit(chain(10_000, true)).ignored).toContain('in a circle: t-0 → t-9999 → t-9998')
    expect(submit(chain(3, true)).ignored).toContain('t-0 → t-2 → t-1 → t-0')
  })

  it('is taken from a list up to the limit, and the rest is a bounded number of notices', () => {
    const edits = chain(1_200).map((task) => ({ type: 'added', task }) as const)
    const run = new Run().when({ type: 'lists-edited', line, edits, problems: [] })
    expect(run.state.tasks.size).toBe(1_000)
    expect(run.state.run.notices).toHaveLength(20)
  })
})
