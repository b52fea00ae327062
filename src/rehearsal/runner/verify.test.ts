import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createOrigin, git } from '../sample/repository.ts'
import { noHandoffs } from '../../../test/support/status.ts'
import type { Status } from './status.ts'
import { type Evidence, verify } from './verify.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'verify-'))
})
afterEach(() => rm(root, { recursive: true }))

const passing = "import { test } from 'node:test'\ntest('holds', () => {})\n"
const failing =
  "import { test } from 'node:test'\ntest('breaks', () => { throw new Error('it is broken') })\n"
const list = '# Worker 1\n\n- [x] build-it: Build it\n'

interface World {
  readonly testFile?: string
  readonly taskList?: string
  readonly merges?: number
  readonly phase?: Status['tasks'][number]['phase']
  readonly attempts?: number
  readonly reported?: (head: string) => string
}

/** An origin into which `build-it` was merged, or nearly so, judged as after a run. */
async function judge({
  testFile = passing,
  taskList = list,
  merges = 1,
  phase = 'merged',
  attempts = 2,
  reported = (head) => head,
}: World) {
  const origin = join(root, 'origin.git')
  const work = join(root, 'work')
  await createOrigin(origin, 'main', [
    { path: 'test/it.test.js', text: testFile },
    { path: 'package.json', text: '{"type":"module"}' },
    { path: 'WORKER_1_TASK_LIST.md', text: taskList },
  ])
  await git(root, 'clone', '--quiet', origin, work)
  for (let number = 1; number <= merges; number += 1) {
    await git(work, 'switch', '--quiet', '--create', `task-${number}`)
    await mkdir(join(work, 'src'), { recursive: true })
    await writeFile(join(work, 'src', `${number}.js`), '')
    await git(work, 'add', '--all')
    await git(work, 'commit', '--quiet', '--message', 'Build it')
    await git(work, 'switch', '--quiet', 'main')
    await git(
      work,
      'merge',
      '--quiet',
      '--no-ff',
      '--message',
      'Merge build-it\n\nTask: build-it\nInstance: worker-1',
      `task-${number}`,
    )
  }
  await git(work, 'push', '--quiet', 'origin', 'main')
  const status: Status = {
    run: { id: 'r1', phase: 'done', reason: null, needs: null },
    lines: [],
    instances: [],
    tasks: [{ id: 'build-it', phase, assignee: 'worker-1', attempts, reason: null, needs: null }],
    credentials: [],
    handoffs: noHandoffs,
    terminals: { socket: 'none' },
  }
  const evidence: Evidence = {
    status,
    tasks: [{ id: 'build-it', tries: 2 }],
    reported: [{ task: 'build-it', commit: reported(await git(work, 'rev-parse', 'HEAD')) }],
  }
  const verdict = await verify({ root, origin }, evidence)
  return { ...verdict, broken: verdict.findings.filter(({ problem }) => problem !== null) }
}

describe('the verdict on a run', () => {
  it('has nothing to say against one that kept its promises', async () => {
    const { broken, merges, head } = await judge({})
    expect(broken).toEqual([])
    expect(merges).toEqual(new Map([['build-it', head]]))
  })

  it.each([
    ['a task that is not merged', { phase: 'blocked' }, 'build-it is blocked'],
    ['a task merged twice', { merges: 2 }, 'build-it has 2'],
    ['a task without a merge', { merges: 0 }, 'build-it has 0'],
    ['a task that took too many tries', { attempts: 3 }, 'build-it took 3'],
    ['an item that is not ticked', { taskList: '- [ ] build-it: Build it\n' }, 'build-it'],
    [
      'a reported commit that is nowhere',
      { reported: () => '0123456789'.repeat(4) },
      '012345678 of build-it',
    ],
    ['tests that fail', { testFile: failing }, 'it is broken'],
  ] satisfies [string, World, string][])('names %s', async (_, world, problem) => {
    const { broken } = await judge(world)
    expect(broken).toHaveLength(1)
    expect(broken[0]?.problem).toContain(problem)
  })
})
