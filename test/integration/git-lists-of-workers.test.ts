import { describe, expect, it } from 'vitest'
import { parseTaskList } from '../../src/adapters/markdown/task-list.ts'
import { commitLists } from '../../src/engine/commands/commit-lists.ts'
import { mergeUpstream } from '../../src/engine/commands/merge-upstream.ts'
import type { NewEvent } from '../../src/engine/dispatch/dispatcher.ts'
import { line, one, planned, Run } from '../support/run.ts'
import { direction, git, openStage, type Stage } from './git-stage.ts'

const stale = '# Tasks of worker 5\n\n- [ ] a: Build a\n'

/** A run of two workers beside the list of a fifth one, as an earlier run left it. */
async function begin(stage: Stage) {
  const run = new Run().planned([planned('a'), planned('b')]).confirmed(one)
  const repository = stage.repository()
  await repository.ensureReady()
  return { run, repository }
}

const listsAt = async (place: string) =>
  (await git(place, 'ls-tree', '--name-only', 'main'))
    .split('\n')
    .filter((name) => name.startsWith('WORKER_'))

describe('the lists on the target', () => {
  const files = { ...direction, 'WORKER_5_TASK_LIST.md': stale }

  it('are those of the run: what an earlier run left is removed, here and at the origin', async () => {
    await using stage = await openStage(files)
    const { run, repository } = await begin(stage)
    const head = await commitLists(repository, run.state, line)
    const lists = ['WORKER_1_TASK_LIST.md', 'WORKER_2_TASK_LIST.md']
    expect(await listsAt(stage.hub)).toEqual(lists)
    expect(await commitLists(repository, run.state, line)).toBe(head)
    await repository.publish()
    expect(await listsAt(stage.origin)).toEqual(lists)
  })

  it('lose that of a worker who is gone, and its tasks are on those of the others', async () => {
    await using stage = await openStage()
    const { run, repository } = await begin(stage)
    await commitLists(repository, run.state, line)
    run.start({ ...run.state.policy, workerCount: 1 })
    await commitLists(repository, run.state, line)
    expect(await listsAt(stage.hub)).toEqual(['WORKER_1_TASK_LIST.md'])
    expect(await repository.read('WORKER_1_TASK_LIST.md')).toMatch(/a: Build a[^]*b: Build b/)
  })

  it.each<[string, readonly string[], RegExp]>([
    ['an earlier run', ['WORKER_5_TASK_LIST.md'], /^$/],
    ['this run', ['WORKER_2_TASK_LIST.md'], /worker 2 was deleted.*still to do: b/],
  ])(
    'may be deleted by a person, those of %s, and nothing is cancelled',
    async (_, paths, text) => {
      await using stage = await openStage({ ...files, 'WORKER_2_TASK_LIST.md': '' })
      const { run, repository } = await begin(stage)
      if (!paths.includes('WORKER_5_TASK_LIST.md')) {
        await commitLists(repository, run.state, line)
        await repository.publish()
      }
      await stage.push(Object.fromEntries(paths.map((path) => [path, null])))
      const events: NewEvent[] = []
      const dispatch = (event: NewEvent) => events.push(event) > 0
      const parts = { repositoryOf: () => repository, parseTaskList, dispatch }
      await mergeUpstream({ line }, { ...parts, inHub: (_, job) => job() })
      for (const event of events) run.when(event)
      expect([run.task('a').phase.name, run.task('b').phase.name]).toEqual(['working', 'assigned'])
      expect(run.state.run.notices.map(({ text: said }) => said).join('\n')).toMatch(text)
    },
  )
})
