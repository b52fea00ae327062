import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ScriptedFile, ScriptedTask } from '../players/script.ts'
import { createOrigin, git } from '../sample/repository.ts'
import { makeSample, type Sample } from './sample.ts'
import { scenarios } from './scenarios.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sample-'))
})
afterEach(() => rm(directory, { recursive: true }))

async function check({ seed }: Sample): Promise<string> {
  await createOrigin(join(directory, 'origin.git'), 'main', seed)
  await git(directory, 'clone', '--quiet', 'origin.git', 'work')
  return join(directory, 'work')
}

async function build(
  work: string,
  { entry }: ScriptedTask,
  files: readonly ScriptedFile[],
): Promise<void> {
  for (const { path, text } of files) await writeFile(join(work, path), text)
  const index = join(work, entry.path)
  const text = await readFile(index, 'utf8')
  expect(text.split(`${entry.below}\n`)).toHaveLength(2)
  await writeFile(index, text.replace(`${entry.below}\n`, `${entry.below}\n${entry.line}\n`))
}

const test = (work: string) =>
  promisify(execFile)(process.execPath, ['--test'], { cwd: work, env: {} })

/** Every task built on the seed by itself, then merged in turn; the ids of those that conflict. */
async function conflictsOf(sample: Sample): Promise<readonly string[]> {
  const work = await check(sample)
  for (const task of sample.script.tasks) {
    await git(work, 'switch', '--quiet', '--create', task.id, 'origin/main')
    await build(work, task, task.files)
    await git(work, 'add', '--all')
    await git(work, 'commit', '--quiet', '--message', task.id)
  }
  await git(work, 'switch', '--quiet', 'main')
  const conflicts: string[] = []
  for (const { id } of sample.script.tasks) {
    await git(work, 'merge', '--quiet', '--no-edit', id).catch(async () => {
      conflicts.push(id)
      await git(work, 'merge', '--abort')
    })
  }
  return conflicts
}

describe('a sample', () => {
  it('becomes a library whose tests pass when every task is built', async () => {
    const sample = makeSample(scenarios.blocked, 9, 3)
    const work = await check(sample)
    for (const task of sample.script.tasks) await build(work, task, task.files)
    const { stdout } = await test(work)
    expect(stdout).toMatch(/pass 21\b/)
  })

  it('has a test that fails for a task built wrongly', async () => {
    const sample = makeSample(scenarios['failed-checks'], 9, 3)
    const task = sample.script.tasks[1]
    if (task?.habit.type !== 'breaks-checks')
      throw new Error('the second task does not break the checks')
    const work = await check(sample)
    await build(work, task, task.habit.flawed)
    await expect(test(work)).rejects.toThrow('--test')
  })

  it('conflicts exactly where the scenario says', async () => {
    const sample = makeSample(scenarios.conflict, 9, 3)
    const second = sample.script.tasks.filter(
      ({ habit }, index) => habit.type === 'collides' && index % 2 === 1,
    )
    expect(await conflictsOf(sample)).toEqual(second.map(({ id }) => id))
  })

  it('never conflicts with a single worker, who does one after the other', () => {
    expect(
      makeSample(scenarios.conflict, 9, 1).script.tasks.every(
        ({ habit }) => habit.type === 'diligent',
      ),
    ).toBe(true)
  })

  it('gives the two tasks of a collision to two workers', () => {
    for (const workers of [2, 3, 5]) {
      const { tasks } = makeSample(scenarios.conflict, 200, workers).script
      for (const { worker, habit } of tasks) {
        if (habit.type !== 'collides') continue
        const others = tasks.filter(({ id }) => habit.others.includes(id))
        expect(others.map((other) => other.worker)).not.toContain(worker)
      }
    }
  })

  it('is the same for the same wishes', () => {
    expect(makeSample(scenarios.plain, 20, 3)).toEqual(makeSample(scenarios.plain, 20, 3))
  })

  it.each([1, 2, 3, 9, 10, 200])(
    'works for %i tasks, with a dependency as soon as there are two',
    (count) => {
      const { tasks } = makeSample(scenarios.plain, count, 3).script
      const ids = tasks.map(({ id }) => id)
      expect(new Set(ids).size).toBe(count)
      expect(ids.every((id) => /^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$/.test(id))).toBe(true)
      expect(tasks.some(({ dependsOn }) => dependsOn.length > 0)).toBe(count > 1)
      for (const [index, { dependsOn }] of tasks.entries())
        expect(dependsOn.every((id) => ids.indexOf(id) < index)).toBe(true)
    },
  )
})
