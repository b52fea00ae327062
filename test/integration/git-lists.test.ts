import { rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { direction, openStage } from './git-stage.ts'

describe('a task list that a human pushes', () => {
  const list = 'WORKER_1_TASK_LIST.md'

  it('is reported as unreadable when it has 5 MB or is no regular file, not as removed', async () => {
    await using stage = await openStage({ ...direction, [list]: '- [ ] walls: Walls\n' })
    const repository = stage.repository()
    await repository.ensureReady()
    await stage.push({ [list]: '- [ ] walls: Walls\n'.padEnd(5 * 1024 ** 2, 'prose\n') })
    expect(await repository.mergeUpstream()).toMatchObject({
      type: 'merged',
      taskLists: { [list]: { before: '- [ ] walls: Walls\n', after: null } },
    })
    await repository.settleUpstream()
    await rm(join(stage.human, list))
    await symlink('/etc/passwd', join(stage.human, list))
    await stage.push({})
    expect(await repository.mergeUpstream()).toMatchObject({
      taskLists: { [list]: { before: null, after: null } },
    })
    await repository.commitFiles({ [list]: '- [ ] walls: Walls\n' }, 'Write\n')
    expect(await repository.read(list)).toBe('- [ ] walls: Walls\n')
  })
})
