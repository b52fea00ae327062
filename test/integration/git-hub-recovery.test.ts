import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { direction, git, openStage, operator, type Stage } from './git-stage.ts'

/** What is left of a hub and of its making. */
const remains = async (stage: Stage): Promise<readonly string[]> =>
  existsSync(dirname(stage.hub)) ? readdir(dirname(stage.hub)) : []

describe('a hub whose maker or writer was killed', () => {
  it('is whole after its maker was killed at any moment', async () => {
    await using stage = await openStage({
      ...direction,
      ...Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`f${n}`, `${n}`])),
    })
    for (let delayMs = 90; delayMs <= 330; delayMs += 30) {
      await makeAndKill(stage, delayMs)
      if (existsSync(stage.hub)) {
        await git(stage.hub, 'fsck', '--strict')
        await rm(stage.hub, { recursive: true })
      }
    }
    const { head } = await stage.repository().ensureReady()
    expect(await git(stage.origin, 'rev-parse', 'main')).toBe(head)
    expect(await remains(stage)).toEqual(['backups.git', 'hub.git'])
  })

  it('is made again over a half-made one', async () => {
    await using stage = await openStage()
    await stage.repository().ensureReady()
    await cp(stage.hub, `${stage.hub}.new`, { recursive: true })
    await rm(stage.hub, { recursive: true })
    await rm(join(`${stage.hub}.new`, 'HEAD'))
    await stage.repository().ensureReady()
    expect(await remains(stage)).toEqual(['backups.git', 'hub.git'])
  })

  it('is freed of the locks of a server that was killed', async () => {
    await using stage = await openStage()
    await stage.repository().ensureReady()
    const leftovers = [
      'refs/heads/main.lock',
      'packed-refs.lock',
      'config.lock',
      'HEAD.lock',
      'refs/drafts/files.lock',
      'objects/pack/tmp_pack_x',
    ]
    await mkdir(join(stage.hub, 'refs/drafts'), { recursive: true })
    for (const name of leftovers) {
      await writeFile(join(stage.hub, name), '')
      await utimes(join(stage.hub, name), 1, 1)
    }
    const repository = stage.repository()
    await repository.ensureReady()
    await repository.commitFiles({ 'WORKER_1_TASK_LIST.md': 'x' }, 'Write\n')
    expect(leftovers.filter((name) => existsSync(join(stage.hub, name)))).toEqual([])
  })
})

async function makeAndKill(stage: Stage, delayMs: number): Promise<void> {
  const options = {
    path: stage.hub,
    backups: stage.backups,
    origin: stage.origin,
    target: 'main',
    publish: { to: 'none' },
    maxIntakeBytes: 1,
    maxIntakeSeconds: 1,
    environment: operator,
  }
  const module = new URL('../../src/adapters/git/repository.ts', import.meta.url).href
  const script = `import { createGitRepository } from ${JSON.stringify(module)}
    await createGitRepository({ ...${JSON.stringify(options)}, identity: { name: 'x', email: 'x' } }).ensureReady()`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: 'ignore',
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const kill = setTimeout(() => child.kill('SIGKILL'), delayMs)
  await ended
  clearTimeout(kill)
}
