import { describe, expect, it } from 'vitest'
import { openStage } from './git-stage.ts'
import { hook } from './origin-hook.ts'

describe('a push', () => {
  it('succeeds while a hook of the origin is silent for longer than a fetch may be', async () => {
    await using stage = await openStage()
    await stage.repository().ensureReady()
    const repository = stage.repository({ patience: { fetchMs: 1_000, pushMs: 60_000 } })
    const commit = await repository.commitFiles({ 'WORKER_1_TASK_LIST.md': 'x' }, 'Write\n')
    await hook(stage, 'sleep 4')
    expect(await repository.publish()).toEqual({ type: 'published', commit })
  })

  it('ends when the origin is silent for too long', async () => {
    await using stage = await openStage()
    const repository = stage.repository({ patience: { fetchMs: 60_000, pushMs: 1_000 } })
    await repository.ensureReady()
    await repository.commitFiles({ 'WORKER_1_TASK_LIST.md': 'x' }, 'Write\n')
    await hook(stage, 'sleep 20')
    expect(await repository.publish()).toMatchObject({ type: 'refused', moved: true })
  })

  it('that another one overtakes inside the origin is late, not refused', async () => {
    await using stage = await openStage()
    const repository = stage.repository()
    await repository.ensureReady()
    await repository.commitFiles({ 'WORKER_1_TASK_LIST.md': 'x' }, 'Write\n')
    await hook(
      stage,
      [
        'unset GIT_QUARANTINE_PATH',
        'other=$(git -c user.name=a -c user.email=a@b commit-tree -p main -m other "main^{tree}")',
        'git update-ref refs/heads/main "$other"',
      ].join('\n'),
    )
    expect(await repository.publish()).toEqual({
      type: 'refused',
      reason: 'others pushed to main meanwhile',
      moved: true,
    })
  })
})
