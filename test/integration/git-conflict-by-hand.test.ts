import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { TaskId } from '../../src/core/model/ids.ts'
import { newLine } from '../../src/core/model/line.ts'
import { needOfConflict } from '../../src/http/operator/views/origin-needs.ts'
import { tip } from '../support/run.ts'
import { git, openStage, operator } from './git-stage.ts'

const env = {
  ...operator,
  GIT_AUTHOR_NAME: 'Someone',
  GIT_AUTHOR_EMAIL: 'someone@example.com',
  GIT_COMMITTER_NAME: 'Someone',
  GIT_COMMITTER_EMAIL: 'someone@example.com',
}

it('a conflict with the origin is resolved by the git commands that the run needs', async () => {
  await using stage = await openStage({ 'PROJECT_DIRECTION.md': 'Build.\n', 'a.txt': 'base\n' })
  const repository = stage.repository()
  await repository.ensureReady()
  await repository.commitFiles({ 'a.txt': 'of the run\n' }, 'Built\n')
  await stage.push({ 'a.txt': 'of a person\n' })
  // As some people have set git for all their clones.
  for (const [key, value] of Object.entries({ 'merge.ff': 'only', 'pull.rebase': 'true' }))
    await git(stage.human, 'config', key, value)
  const outcome = await repository.mergeUpstream()
  if (outcome.type !== 'conflict') throw new Error(`it was ${outcome.type}, no conflict`)

  const conflict = { ...outcome, since: 0, task: TaskId('merge-origin') }
  const ofLine = { ...newLine(tip(), 0), conflict }
  const text = needOfConflict(ofLine, stage.hub)
  const [begin = '', end = ''] = text.match(/git (?:checkout|push) [^;]+/g) ?? []
  const run = (line: string) => promisify(execFile)('sh', ['-c', line], { cwd: stage.human, env })
  await expect(run(begin)).rejects.toMatchObject({
    stdout: expect.stringContaining('CONFLICT'),
  })
  await writeFile(join(stage.human, 'a.txt'), 'of both\n')
  await git(stage.human, 'commit', '--quiet', '--all', '--no-edit')
  await run(end)

  expect(await repository.mergeUpstream()).toMatchObject({ type: 'merged' })
  expect(await git(stage.hub, 'show', 'main:a.txt')).toBe('of both')
})
