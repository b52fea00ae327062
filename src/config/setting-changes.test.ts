import { describe, expect, it } from 'vitest'
import {
  type LastRun,
  type OriginVerdict,
  settingChanges,
  type StartSettings,
} from './setting-changes.ts'

const before: StartSettings = {
  repositoryUrl: 'https://github.com/org/repo.git',
  branch: 'main',
  publishTo: 'main',
  workerCount: 3,
  runtime: 'docker',
  network: 'open',
  isolation: 'default',
  instanceProxy: null,
  certificates: null,
  image: 'worker:1',
  model: 'opus',
  credentials: 'file',
  protect: ['default'],
  environment: { CI: 'true', LANG: 'C' },
  resources: { memoryMb: 4096, cpus: 2, pids: 512 },
  diskMb: 20_480,
  serverUrl: 'http://172.18.0.1:7700',
}

const run = (change: Partial<LastRun> = {}): LastRun => ({
  settings: before,
  hasBegun: true,
  stateDirectory: '/state',
  ...change,
})

const verdictOn = (
  change: Partial<StartSettings>,
  last: LastRun = run(),
  origin: OriginVerdict | null = null,
) => settingChanges(last, { ...before, ...change }, origin).map(({ verdict }) => verdict)

describe('settings that changed since the last start', () => {
  it('are none when nothing did, whatever the order of variables', () => {
    expect(verdictOn({ environment: { LANG: 'C', CI: 'true' } })).toEqual([])
  })

  it.each<[Partial<StartSettings>, effect: 'restart' | 'publish' | 'none']>([
    [{ publishTo: 'bot' }, 'publish'],
    [{ publishTo: null }, 'publish'],
    [{ workerCount: 1 }, 'none'],
    [{ image: 'worker:2' }, 'none'],
    [{ model: 'sonnet' }, 'restart'],
    [{ credentials: 'gateway' }, 'restart'],
    [{ environment: {} }, 'restart'],
    [{ resources: { memoryMb: 8192, cpus: 2, pids: 512 } }, 'restart'],
    [{ isolation: 'gvisor' }, 'restart'],
    [{ instanceProxy: 'http://proxy.example:3128' }, 'restart'],
    [{ certificates: '0123456789abcdef' }, 'restart'],
    [{ diskMb: 1024 }, 'none'],
    [{ serverUrl: 'http://172.18.0.1:7799' }, 'restart'],
  ])('are carried out: %j', (change, effect) => {
    expect(verdictOn(change)).toEqual([{ type: 'carried-out', effect }])
  })

  it('are refused once the run has begun, where its state belongs to the old value', () => {
    const rows: readonly [Partial<StartSettings>, reason: RegExp, remedy: RegExp][] = [
      [{ branch: 'next' }, /merged into it/, /back to main.*\/state.*--state/],
      [{ runtime: 'process' }, /workspaces/, /back to docker.*\/state.*--state/],
    ]
    for (const [change, reason, remedy] of rows) {
      const [verdict] = verdictOn(change)
      expect(verdict).toEqual({
        type: 'refused',
        reason: expect.stringMatching(reason),
        remedy: expect.stringMatching(remedy),
      })
      const fresh = run({ hasBegun: false })
      expect(verdictOn(change, fresh)).toEqual([{ type: 'carried-out', effect: 'none' }])
    }
  })

  it.each<[OriginVerdict, type: 'carried-out' | 'refused', reason: RegExp]>([
    [{ type: 'same' }, 'carried-out', /^$/],
    [{ type: 'another', reason: 'it is another repository' }, 'refused', /another repository/],
    [{ type: 'unreachable', reason: 'no route to host' }, 'refused', /cannot be checked: no route/],
  ])('are judged by what the new URL leads to: %j', (origin, type, reason) => {
    const [verdict] = verdictOn({ repositoryUrl: 'git@github.com:org/repo.git' }, run(), origin)
    expect(verdict?.type).toBe(type)
    expect(verdict?.type === 'refused' ? verdict.reason : '').toMatch(reason)
  })

  it('are refused when pushes to the new branch would be', () => {
    const origin = { type: 'another', reason: 'bot has commits that main lacks' } as const
    expect(verdictOn({ publishTo: 'bot' }, run(), origin)).toMatchObject([{ type: 'refused' }])
  })

  it('are unknown where the last start recorded none', () => {
    expect(verdictOn({ branch: 'next', model: 'sonnet' }, run({ settings: {} }))).toEqual([])
  })

  it('show values, but not those of variables', () => {
    expect(
      settingChanges(run(), { ...before, model: 'sonnet', environment: { A: 'b' } }, null),
    ).toMatchObject([
      { setting: 'model', from: 'opus', to: 'sonnet' },
      { setting: 'environment', from: null, to: null },
    ])
  })
})
