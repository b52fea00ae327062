import { describe, expect, it } from 'vitest'
import { createFakeRepository } from '../../../test/fakes/repository.ts'
import { parseTaskList } from '../../adapters/markdown/task-list.ts'
import type { NewEvent } from '../dispatch/dispatcher.ts'
import type { InHub } from './merge-task.ts'
import { mergeUpstream } from './merge-upstream.ts'
import { line } from '../../../test/support/run.ts'

const inHub: InHub = (_, job) => job()

describe('a merge of what others pushed', () => {
  it('reports list edits before the head: after the head, a restart reads no edits', async () => {
    const repository = createFakeRepository({
      files: { 'WORKER_1_TASK_LIST.md': '# Tasks of worker 1\n' },
    })
    repository.pushUpstream({
      'WORKER_1_TASK_LIST.md': '# Tasks of worker 1\n\n- [ ] wish: What a human wants\n',
    })
    const events: NewEvent[] = []
    await mergeUpstream(
      { line },
      {
        repositoryOf: () => repository,
        inHub,
        parseTaskList,
        dispatch: (event) => events.push(event) > 0,
      },
    )
    expect(events.map(({ type }) => type)).toEqual(['lists-edited', 'upstream-merged'])
    await mergeUpstream(
      { line },
      {
        repositoryOf: () => repository,
        inHub,
        parseTaskList,
        dispatch: (event) => events.push(event) > 0,
      },
    )
    expect(events.slice(2).map(({ type }) => type)).toEqual(['upstream-merged'])
  })

  it('reports list edits again that only the memory of a server had', async () => {
    const repository = createFakeRepository({
      files: { 'WORKER_1_TASK_LIST.md': '# Tasks of worker 1\n' },
    })
    repository.pushUpstream({
      'WORKER_1_TASK_LIST.md': '# Tasks of worker 1\n\n- [ ] wish: What a human wants\n',
    })
    const parts = { repositoryOf: () => repository, inHub, parseTaskList }
    await mergeUpstream({ line }, { ...parts, dispatch: () => false })
    const events: NewEvent[] = []
    await mergeUpstream({ line }, { ...parts, dispatch: (event) => events.push(event) > 0 })
    expect(events.map(({ type }) => type)).toEqual(['lists-edited', 'upstream-merged'])
  })

  it('reports list edits again when the server died before it accepted them', async () => {
    const repository = createFakeRepository({
      files: { 'WORKER_1_TASK_LIST.md': '# Tasks of worker 1\n' },
    })
    repository.pushUpstream({
      'WORKER_1_TASK_LIST.md': '# Tasks of worker 1\n\n- [ ] wish: What a human wants\n',
    })
    const dying = () => {
      throw new Error('killed')
    }
    await expect(
      mergeUpstream(
        { line },
        { repositoryOf: () => repository, inHub, parseTaskList, dispatch: dying },
      ),
    ).rejects.toThrow('killed')
    const events: NewEvent[] = []
    await mergeUpstream(
      { line },
      {
        repositoryOf: () => repository,
        inHub,
        parseTaskList,
        dispatch: (event) => events.push(event) > 0,
      },
    )
    expect(events[0]).toMatchObject({
      type: 'lists-edited',
      line,
      edits: [{ type: 'added', task: { id: 'wish' } }],
    })
  })

  it('leaves the tasks of a list that cannot be read as they are, and says so', async () => {
    const list = 'WORKER_1_TASK_LIST.md'
    const repository = createFakeRepository({ files: { [list]: '- [ ] wish: A wish\n' } })
    repository.pushUpstream({ [list]: 'x'.repeat(1024 ** 2 + 1) })
    const events: NewEvent[] = []
    const parts = { repositoryOf: () => repository, inHub, parseTaskList }
    await mergeUpstream({ line }, { ...parts, dispatch: (event) => events.push(event) > 0 })
    expect(events[0]).toMatchObject({
      type: 'lists-edited',
      edits: [],
      problems: [
        'WORKER_1_TASK_LIST.md is larger than 1 MiB or no regular file, so it was not read and ' +
          'no task has changed: the server writes it again.',
      ],
    })
  })

  it('reports a changed direction, again when the server died before it accepted that', async () => {
    const repository = createFakeRepository({ files: { 'PROJECT_DIRECTION.md': 'Build it.\n' } })
    repository.pushUpstream({ 'PROJECT_DIRECTION.md': 'Build something else.\n' })
    const dying = () => {
      throw new Error('killed')
    }
    const parts = { repositoryOf: () => repository, inHub, parseTaskList }
    await expect(mergeUpstream({ line }, { ...parts, dispatch: dying })).rejects.toThrow('killed')
    const events: NewEvent[] = []
    for (let times = 0; times < 2; times += 1)
      await mergeUpstream({ line }, { ...parts, dispatch: (event) => events.push(event) > 0 })
    expect(events.map(({ type }) => type)).toEqual([
      'direction-changed',
      'upstream-merged',
      'upstream-merged',
    ])
  })
})
