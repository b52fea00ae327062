import { describe, expect, it } from 'vitest'
import { createFakeRepository } from '../../../test/fakes/repository.ts'
import { parseTaskList } from '../../adapters/markdown/task-list.ts'
import type { NewEvent } from '../dispatch/dispatcher.ts'
import { mergeUpstream } from './merge-upstream.ts'

describe('what others pushed', () => {
  it('tells their plan before the head, since the head alone would tell a restart that nothing is left to read', async () => {
    const repository = createFakeRepository({
      files: { 'WORKER_1_TASK_LIST.md': '# Tasks of worker 1\n' },
    })
    repository.pushUpstream({
      'WORKER_1_TASK_LIST.md': '# Tasks of worker 1\n\n- [ ] wish: What a human wants\n',
    })
    const facts: NewEvent[] = []
    await mergeUpstream({ repository, parseTaskList, dispatch: (fact) => facts.push(fact) })
    expect(facts.map(({ type }) => type)).toEqual(['lists-edited', 'upstream-merged'])
    await mergeUpstream({ repository, parseTaskList, dispatch: (fact) => facts.push(fact) })
    expect(facts.slice(2).map(({ type }) => type)).toEqual(['upstream-merged'])
  })

  it('tells their plan again when the server died before it was taken', async () => {
    const repository = createFakeRepository({
      files: { 'WORKER_1_TASK_LIST.md': '# Tasks of worker 1\n' },
    })
    repository.pushUpstream({
      'WORKER_1_TASK_LIST.md': '# Tasks of worker 1\n\n- [ ] wish: What a human wants\n',
    })
    const dying = () => {
      throw new Error('killed')
    }
    await expect(mergeUpstream({ repository, parseTaskList, dispatch: dying })).rejects.toThrow(
      'killed',
    )
    const facts: NewEvent[] = []
    await mergeUpstream({ repository, parseTaskList, dispatch: (fact) => facts.push(fact) })
    expect(facts[0]).toMatchObject({
      type: 'lists-edited',
      edits: [{ type: 'added', task: { id: 'wish' } }],
    })
  })
})
