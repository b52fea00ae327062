import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createOrigin, git } from '../../sample/repository.ts'
import type { Evidence } from './evidence.ts'
import { historyProblems } from './history.ts'
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
  events: readonly Record<string, string>[],
  byHand: readonly string[] = [],
): Promise<readonly string[]> {
  await git(work, 'push', '--quiet', 'origin', 'main')
  const journal = events.map((event, index) => ({
    sequence: index + 1,
    event: { type: 'merge-landed', at: index, ...event },
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
