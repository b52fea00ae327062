import { describe, expect, it } from 'vitest'
import {
  fail,
  held,
  minutes,
  phaseOf,
  quota,
  replaced,
  withBusyManager,
  working,
} from '../../../test/support/limits.ts'
import { manager, one, planned, Run, two } from '../../../test/support/run.ts'
import { CredentialId } from '../model/ids.ts'

describe('a window near its limit', () => {
  const see = (run: Run, credential: CredentialId, usedPercent: number) =>
    run.when({
      type: 'window-seen',
      credential,
      window: 'five-hour',
      usedPercent,
      resetsAt: run.at + 60 * minutes,
    })

  it('makes its holder rotate early, without interrupting the turn', () => {
    const run = working(1)
    see(run, held(run), 95)
    expect(run.asked('replace-credential')).toMatchObject([{ instance: one, credential: 'key-4' }])
    expect(run.instance(one).phase.name).toBe('working')
  })

  it('is not recorded for the new credential when Claude Code repeats its last answer', () => {
    const run = working(2)
    const resetsAt = run.at + 60 * minutes
    const reported = {
      type: 'window-seen',
      window: 'five-hour',
      usedPercent: 95,
      resetsAt,
    } as const
    run.when({ ...reported, credential: held(run) })
    replaced(run).when({ ...reported, credential: held(run) })
    expect(run.asked('replace-credential')).toEqual([])
    expect(held(run)).toBe('key-4')
  })

  it('is not recorded for the new credential before the model has answered with it', () => {
    const run = working(2)
    fail(run, quota(run.at + 60 * minutes))
    replaced(run)
    const credential = held(run)
    const reported = {
      type: 'window-seen',
      credential,
      by: one,
      window: 'weekly',
      usedPercent: 100,
      resetsAt: run.at + 61 * minutes,
    } as const
    run.when(reported)
    expect(run.state.credentials.get(credential)).toMatchObject({ windows: [] })
    expect(phaseOf(run, credential)).toMatchObject({ name: 'leased' })
    run.briefed(one).when(reported)
    expect(phaseOf(run, credential)).toMatchObject({ name: 'cooling' })
  })

  it('does not move an instance to another such credential, nor back and forth', () => {
    const run = working(1)
    see(run, CredentialId('key-4'), 92)
    see(run, held(run), 95)
    expect(run.asked('replace-credential')).toEqual([])
  })

  it('is the last choice for an instance that starts', () => {
    const run = working(1)
    see(run, CredentialId('key-4'), 99)
    fail(run, quota(run.at + minutes), two)
    expect(run.instance(two).credential).toBe('key-4')
  })
})

describe('a window that is full', () => {
  const fill = (run: Run) =>
    run.when({
      type: 'window-seen',
      credential: held(run),
      window: 'five-hour',
      usedPercent: 100,
      resetsAt: run.at + 60 * minutes,
    })

  it('cools the credential before any refusal, so that no paid overage starts', () => {
    const run = working(1)
    const before = held(run)
    fill(run)
    expect(phaseOf(run, before)).toMatchObject({ name: 'cooling' })
    expect(run.asked('replace-credential')).toMatchObject([{ instance: one, credential: 'key-4' }])
  })

  it('continues as overage where that is allowed', () => {
    const run = working(0, { allowOverage: true })
    const before = held(run)
    expect(phaseOf(fill(run), before)).toMatchObject({ name: 'leased' })
  })

  it('lets a worker without another credential finish its turn; the next one waits', () => {
    const run = working(0).when({
      type: 'plan-submitted',
      tasks: [planned('c')],
      isComplete: true,
      ...new Run().from(manager),
    })
    fill(withBusyManager(run)).reports(one).stops(one)
    expect(run.typed()).toEqual([])
    expect(run.later(60 * minutes).typed()).toMatchObject([{ instance: one }])
  })
})
