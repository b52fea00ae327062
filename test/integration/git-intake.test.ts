import { spawnSync } from 'node:child_process'
import { readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Commit, TaskId } from '../../src/core/model/ids.ts'
import { begin, one, walls } from './git-intake-scene.ts'
import { git, operator } from './git-stage.ts'

describe('an intake', () => {
  it('gives its command every argument as it is', async () => {
    await using scene = await begin()
    const commit = await scene.commitOn(one, walls, { 'walls.txt': 'brick\n' })
    const odd = join(scene.directory, 'a %s 100% "q" $HOME;x  y')
    await rename(scene.workspaceOf(one), odd)
    expect(await scene.repository.takeIn(one, walls, ['git', 'upload-pack', odd])).toEqual({
      type: 'taken-in',
      commit,
      commits: 1,
      earlier: [],
    })
    await expect(scene.repository.takeIn(one, walls, ['git', 'upload-pack', ''])).rejects.toThrow(
      'empty argument',
    )
  })

  it('reaches into the instance once', async () => {
    await using scene = await begin()
    await scene.commitOn(one, walls, { 'walls.txt': 'brick\n' })
    // As `workspace ready` leaves it.
    await git(scene.workspaceOf(one), 'update-ref', 'refs/worktree/earlier/walls', 'task/walls')
    const calls = join(scene.directory, 'calls')
    const counted = `echo >>${calls}; exec git upload-pack ${scene.workspaceOf(one)}`
    expect(await scene.repository.takeIn(one, walls, ['sh', '-c', counted])).toMatchObject({
      type: 'taken-in',
      earlier: [],
    })
    expect(await readFile(calls, 'utf8')).toBe('\n')
  })

  it("shows its command how to reach the container engine and none of the operator's secrets", async () => {
    await using scene = await begin()
    await scene.commitOn(one, walls, { 'walls.txt': 'brick\n' })
    const environment = {
      ...operator,
      DOCKER_HOST: 'unix:///engine.sock',
      ANTHROPIC_API_KEY: 'canary',
      GIT_ASKPASS: 'canary',
    }
    const spy = [
      'sh',
      '-c',
      `env > ${scene.directory}/environment; exec git upload-pack ${scene.workspaceOf(one)}`,
    ]
    expect(await scene.repositoryWith({ environment }).takeIn(one, walls, spy)).toMatchObject({
      type: 'taken-in',
    })
    const seen = await readFile(join(scene.directory, 'environment'), 'utf8')
    expect(seen).toContain('DOCKER_HOST=unix:///engine.sock')
    expect(seen).not.toContain('canary')
  })

  it('fails, and is not refused, when the instance cannot be reached', async () => {
    await using scene = await begin()
    await expect(
      scene.repository.takeIn(one, walls, ['sh', '-c', 'echo no such container >&2; exit 1']),
    ).rejects.toThrow('taking in task/walls of worker-1 failed: fatal:')
  })

  it('ends, and everything that it started with it, when the instance hangs', async () => {
    await using scene = await begin()
    const hanging = [
      'sh',
      '-c',
      `trap "" TERM INT HUP; echo $$ > ${scene.directory}/pid; while :; do sleep 0.1; echo ` +
        'drip >&2; done',
    ]
    const takeIn = scene.repositoryWith({ maxIntakeSeconds: 1 }).takeIn(one, walls, hanging)
    await expect(takeIn).rejects.toThrow(
      'taking in task/walls of worker-1 failed: not done after 1 s',
    )
    const pid = Number(await readFile(join(scene.directory, 'pid'), 'utf8'))
    await expect.poll(() => isRunning(pid), { timeout: 50_000 }).toBe(false)
  })

  it('of forty branches at once takes in every one', async () => {
    await using scene = await begin()
    const tasks = Array.from({ length: 40 }, (_, n) => TaskId(`t-${n}`))
    const commits: Commit[] = []
    for (const task of tasks)
      commits.push(await scene.commitOn(one, task, { [`${task}.txt`]: task }))
    const outcomes = await Promise.all(tasks.map((task) => scene.takeIn(task)))
    expect(outcomes).toEqual(
      commits.map((commit) => ({ type: 'taken-in', commit, commits: 1, earlier: [] })),
    )
  })
})

/** Killed and not yet collected by its parent counts as ended. */
function isRunning(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
  return stdout.trim() !== '' && !stdout.startsWith('Z')
}
