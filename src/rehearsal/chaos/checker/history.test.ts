import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createOrigin, git } from '../../sample/repository.ts'
import type { Evidence } from './evidence.ts'
import { historyProblems, type Repositories } from './history.ts'
import { secretProblems } from './secrets.ts'

let directory: string
let work: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'history-'))
  work = join(directory, 'work')
  await createOrigin(join(directory, 'origin.git'), 'main', [
    { path: 'README.md', text: 'hello\n' },
  ])
  await git(directory, 'clone', '--quiet', 'origin.git', 'work')
})
afterEach(() => rm(directory, { recursive: true }))

async function commit(path: string, message: string): Promise<string> {
  await writeFile(join(work, path), message)
  await git(work, 'add', '--all')
  await git(work, 'commit', '--quiet', '--message', message)
  return git(work, 'rev-parse', 'HEAD')
}

/** A task's branch and the merge that carries its trailer. */
async function merge(task: string): Promise<{ readonly reported: string; readonly merge: string }> {
  await git(work, 'switch', '--quiet', '--create', task)
  const reported = await commit(`${task}.js`, task)
  await git(work, 'switch', '--quiet', 'main')
  await git(
    work,
    'merge',
    '--quiet',
    '--no-ff',
    '--message',
    `${task}: done\n\nTask: ${task}`,
    task,
  )
  return { reported, merge: await git(work, 'rev-parse', 'HEAD') }
}

async function problems(
  events: readonly Record<string, unknown>[],
  byHand: readonly string[] = [],
  more: Partial<Repositories> = {},
): Promise<readonly string[]> {
  await git(work, 'push', '--quiet', 'origin', 'main')
  const journal = events.map((event, index) => ({
    sequence: index + 1,
    event: { type: 'merge-landed', ...event, at: index },
    commands: [],
    reply: null,
    ignored: null,
  }))
  const tasks = [{ id: 'a', dependsOn: [], phase: { name: 'merged' }, attempts: [] }]
  const evidence: Evidence = {
    journal,
    tasks,
    instances: [],
    credentials: [],
    run: { phase: { name: 'done' } },
    integrity: 'ok',
  }
  return historyProblems(evidence, {
    hub: join(work, '.git'),
    origin: join(directory, 'origin.git'),
    branch: 'main',
    byHand,
    removal: { commits: [], tasks: [] },
    rewritten: new Set(),
    ...more,
  })
}

describe("the target's line", () => {
  it('holds recorded merges, task lists and what was pushed by hand', async () => {
    const { merge: landed, reported } = await merge('a')
    await commit('WORKER_1_TASK_LIST.md', 'the lists')
    const byHand = await commit('README.md', 'by hand')
    expect(
      await problems(
        [
          { task: 'a', merge: landed },
          { type: 'task-reported', task: 'a', commit: reported },
        ],
        [byHand],
      ),
    ).toEqual([])
  })

  it('shows a merge that was not recorded, and one that was recorded but is not there', async () => {
    await merge('a')
    const found = await problems([{ task: 'b', merge: 'f'.repeat(40) }])
    expect(found).toEqual([
      expect.stringContaining('of a is in no journal'),
      expect.stringContaining("of b is not on the target's line"),
    ])
  })

  it('shows a commit that is neither', async () => {
    const { merge: landed } = await merge('a')
    await commit('README.md', 'out of nowhere')
    expect(await problems([{ task: 'a', merge: landed }])).toEqual([
      expect.stringContaining('is no merge, but changes README.md'),
    ])
  })

  it('misses what was reported and what was pushed by hand', async () => {
    const { merge: landed } = await merge('a')
    const lost = 'e'.repeat(40)
    const found = await problems(
      [
        { task: 'a', merge: landed },
        { type: 'task-reported', task: 'a', commit: lost },
      ],
      [lost],
    )
    expect(found).toEqual([
      `the reported commit ${lost} of a is not on the target`,
      `the commit ${lost} that was pushed by hand is lost`,
    ])
  })

  it('may lack what a person took away, but must not have it', async () => {
    const before = await git(work, 'rev-parse', 'HEAD')
    const taken = await merge('a')
    const byHand = await commit('README.md', 'by hand')
    const removal = { commits: [taken.reported, taken.merge, byHand], tasks: ['a'] }
    const events = [
      { task: 'a', merge: taken.merge },
      { type: 'task-reported', task: 'a', commit: taken.reported },
      {
        type: 'origin-followed',
        replayed: [],
        returned: [],
        removed: [{ task: 'a', from: taken.merge }],
      },
    ]
    const found = await problems(events, [byHand], { removal })
    expect(found).toContain(`the merge of a is back, though a person removed it`)
    await git(work, 'reset', '--quiet', '--hard', before)
    await git(work, 'push', '--quiet', '--force', 'origin', 'main')
    expect(await problems(events, [byHand], { removal })).toEqual([])
    expect(await problems(events, [byHand])).toEqual([
      `the reported commit ${taken.reported} of a is not on the target`,
      'the work of a was given up (3), and no person removed it',
      `the commit ${byHand} that was pushed by hand is lost`,
    ])
  })

  it('has replayed work in another merge, without the commit that was reported', async () => {
    const former = await merge('a')
    await git(work, 'reset', '--quiet', '--hard', `${former.merge}^1`)
    await git(work, 'branch', '--delete', '--force', 'a')
    await commit('PROJECT_DIRECTION.md', 'another direction')
    const byHand = await git(work, 'rev-parse', 'HEAD')
    const { merge: to } = await merge('a')
    const events = [
      { task: 'a', merge: former.merge },
      { type: 'task-reported', task: 'a', commit: former.reported },
      {
        type: 'origin-followed',
        replayed: [{ task: 'a', from: former.merge, to }],
        returned: [],
        removed: [],
      },
    ]
    expect(await problems(events, [byHand])).toEqual([])
  })

  it('may lack an earlier report of a worker that rewrote its branch', async () => {
    const { merge: landed, reported } = await merge('a')
    const earlier = 'e'.repeat(40)
    const events = [
      { type: 'task-reported', task: 'a', commit: earlier },
      { type: 'task-reported', task: 'a', commit: reported },
      { task: 'a', merge: landed },
    ]
    expect(await problems(events, [], { rewritten: new Set(['a']) })).toEqual([])
    expect(await problems(events)).toHaveLength(1)
  })

  it('may have an earlier report as the same change in another commit, not as another change', async () => {
    const start = await git(work, 'rev-parse', 'HEAD')
    await git(work, 'switch', '--quiet', '--create', 'former')
    const earlier = await commit('a.js', 'a')
    await git(work, 'switch', '--quiet', '--create', 'other', start)
    const other = await commit('a.js', 'something else')
    await git(work, 'switch', '--quiet', 'main')
    await commit('WORKER_1_TASK_LIST.md', 'the lists')
    const { merge: landed, reported } = await merge('a')
    const reports = [earlier, other, reported].map((each) => {
      return { type: 'task-reported', task: 'a', commit: each }
    })
    expect(await problems([...reports, { task: 'a', merge: landed }])).toEqual([
      `the reported commit ${other} of a is not on the target`,
    ])
  })

  it('has each task once', async () => {
    const first = await merge('a')
    await git(work, 'branch', '--delete', '--force', 'a')
    await git(work, 'switch', '--quiet', '--create', 'again')
    await commit('more.js', 'more')
    await git(work, 'switch', '--quiet', 'main')
    await git(work, 'merge', '--quiet', '--no-ff', '--message', 'again\n\nTask: a', 'again')
    const second = await git(work, 'rev-parse', 'HEAD')
    const found = await problems([
      { task: 'a', merge: first.merge },
      { task: 'a', merge: second },
    ])
    expect(found).toEqual(['a has 2 merge commits'])
  })
})

describe('a secret', () => {
  it('is found in files, in what git holds and in what was said, plain and in base64', async () => {
    const secret = 'sk-ant-oat01-fake-rehearsal-1'
    await writeFile(
      join(directory, 'server.log'),
      `x${Buffer.from(`:${secret}`).toString('base64')}`,
    )
    await commit('notes.md', secret)
    await commit('notes.md', 'gone again')
    const places = {
      paths: [join(directory, 'server.log')],
      repositories: [work],
      said: new Map([['/status', `{"key":"${secret}"}`]]),
    }
    expect(await secretProblems([secret], places)).toEqual([
      `a secret is in ${join(directory, 'server.log')}`,
      `a secret is in ${work}`,
      'a secret is in /status',
    ])
    expect(await secretProblems(['sk-ant-oat01-fake-rehearsal-2'], places)).toEqual([])
  })
})
