import { describe, expect, it } from 'vitest'
import { working } from '../../../test/support/limits.ts'
import { line, manager, one, Run, two } from '../../../test/support/run.ts'
import type { ChangedSetting } from '../model/event.ts'

const restarted = (run: Run, ...changed: readonly ChangedSetting[]) =>
  run.start(run.state.policy, run.state.credentials.size, changed)

describe('a start with changed settings', () => {
  it('starts every running instance again, keeps its task and saves its work', () => {
    const run = restarted(working(0), { setting: 'model', effect: 'restart' })
    const reason = 'settings changed: model'
    for (const id of [manager, one, two])
      expect(run.instance(id).phase).toMatchObject({ name: 'backing-off', reason })
    expect(run.asked('save-work').map(({ instance }) => instance)).toEqual([one, two])
    expect(run.task('a').attempts).toMatchObject([{ outcome: 'running' }])
    run.later(1_000)
    expect(run.asked('start-instance')).toMatchObject([
      { instance: manager, launch: 2 },
      { instance: one, launch: 2, resume: true },
      { instance: two, launch: 2, resume: true },
    ])
  })

  it('does not go on with an instance that was starting with the old ones', () => {
    const run = restarted(new Run(), { setting: 'environment', effect: 'restart' })
    expect(run.instance(one).phase.name).toBe('backing-off')
    expect(run.asked('start-instance')).toEqual([])
  })

  it('pushes to another branch of the origin what the old one has', () => {
    const run = restarted(working(0), { setting: 'publish', effect: 'publish' })
    expect(run.asked('publish')).toMatchObject([{ line }])
    expect(run.instance(one).phase.name).toBe('working')
  })

  it('leaves instances alone when decisions follow the setting', () => {
    const run = restarted(working(0), { setting: 'workerCount', effect: 'none' })
    expect(run.instance(one).phase.name).toBe('working')
    expect(run.asked('publish')).toEqual([])
  })
})
