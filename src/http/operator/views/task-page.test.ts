import { describe, expect, it } from 'vitest'
import { asking, returned } from '../../../../test/support/needing-runs.ts'
import type { Run } from '../../../../test/support/run.ts'
import { viewTasks } from './task-page.ts'

const needsOf = ({ state }: Run) =>
  viewTasks(state, {}, ({ path }) => `curl ${path}`).tasks[0]?.needs

describe('a blocked task', () => {
  it('may be answered by the Manager too', () => {
    expect(needsOf(asking())).toContain('the Manager has the question too: curl')
  })

  it('waits for a person alone when the answers of the Manager did not help', () => {
    expect(needsOf(returned())).toContain('an answer of a person')
    expect(needsOf(returned())).not.toContain('the question too')
  })
})
