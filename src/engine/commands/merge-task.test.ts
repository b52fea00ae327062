import { describe, expect, it } from 'vitest'
import { createFakeRepository } from '../../../test/fakes/repository.ts'
import { createFakeRuntime } from '../../../test/fakes/runtime.ts'
import { line, one, planned, Run } from '../../../test/support/run.ts'
import { TaskId } from '../../core/model/ids.ts'
import { mergeTask } from './merge-task.ts'

describe('a merge', () => {
  it('that is commanded again does nothing once the task was returned', async () => {
    const repository = createFakeRepository({ files: { 'index.js': 'top\n' } })
    const [task, begin] = [TaskId('a'), await repository.head()]
    repository.commitOn(one, task, { 'a.js': 'a\n' })
    const intake = await repository.takeIn(one, task, [])
    if (intake.type !== 'taken-in') throw new Error(intake.reason)
    const run = new Run().planned([planned('a')]).confirmed(one)
    run.when({ type: 'task-reported', task, commit: intake.commit, summary: '', ...run.from(one) })
    const parts = {
      repositoryOf: () => repository,
      checkRunner: createFakeRuntime().checkRunner,
      checks: { commands: [], timeoutMs: 0 },
      state: () => run.state,
      dispatch: () => undefined,
    }
    run.when({ type: 'merge-rejected', task, commit: intake.commit, output: 'red' })
    expect(
      await mergeTask({ type: 'merge-task', line, task, commit: intake.commit }, parts),
    ).toEqual([])
    expect(await repository.head()).toBe(begin)
  })
})
