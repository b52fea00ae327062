import { cp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openStateDirectory } from '../../src/adapters/system/state-directory.ts'
import type { Configuration } from '../../src/config/configuration.ts'
import type { State } from '../../src/core/model/state.ts'
import { useConfigDirectory } from '../support/config-directory.ts'
import { working } from '../support/limits.ts'
import {
  carriedOut,
  compareSettings,
  readLastRun,
  recordStart,
  startSettings,
} from '../../src/server/last-start.ts'
import { openStage, operator, someone, type Stage } from './git-stage.ts'

const serverUrl = 'http://127.0.0.1:7700'

describe('a start on the state of an earlier one', () => {
  const config = useConfigDirectory()

  /** A stage whose last start was with these settings; a run of two workers has begun. */
  async function started(stage: Stage, configuration: Configuration) {
    await stage.repository().ensureReady()
    const directory = openStateDirectory(join(stage.directory, 'state'))
    recordStart(directory, startSettings(configuration, serverUrl))
    return directory
  }

  const settings = (stage: Stage, change: object = {}) => ({
    repositoryUrl: stage.origin,
    workerCount: 2,
    claudeConfigs: 'keys/*.json',
    ...change,
  })

  async function compare(stage: Stage, change: object, stored: State | null = working(0).state) {
    const directory = await started(stage, await config.accepted(settings(stage)))
    const configuration = await config.accepted(settings(stage, change))
    const hub = {
      path: directory.hub,
      backups: directory.backupRepository,
      origin: configuration.repositoryUrl,
      target: configuration.branch,
      publish: configuration.publish,
      identity: { name: 'Orchestrator', email: 'orchestrator@example.com' },
      protect: [],
      authorship: { identityOf: () => someone, authors: [] },
      maxIntakeBytes: 1,
      maxIntakeSeconds: 1,
      environment: operator,
    }
    return compareSettings(configuration, readLastRun(directory, stored), hub)
  }

  it('finds no change in the same settings, and none of an unreachable origin', async () => {
    await using stage = await openStage()
    const found = await compare(stage, {})
    await rm(stage.origin, { recursive: true })
    expect(found(serverUrl)).toEqual([])
    expect(carriedOut(found('http://127.0.0.1:7799'))).toEqual([
      { setting: 'host, port', effect: 'restart' },
    ])
  })

  it('refuses another branch by name, with the state directory and the ways out', async () => {
    await using stage = await openStage()
    await expect(compare(stage, { branch: 'next' })).rejects.toThrow(
      new RegExp(
        `orchestrator.json: branch is next, but the run in ${stage.directory}/state was started ` +
          'with main: .*\\n.*set it back to main .*--state',
      ),
    )
  })

  it('takes the origin from another address, and no other repository', async () => {
    await using stage = await openStage()
    const place = join(stage.directory, 'moved.git')
    await cp(stage.origin, place, { recursive: true })
    const found = await compare(stage, { repositoryUrl: place })
    expect(carriedOut(found(serverUrl))).toEqual([{ setting: 'repositoryUrl', effect: 'publish' }])
    await using other = await openStage({ 'PROJECT_DIRECTION.md': 'Build a bridge.\n' })
    await expect(compare(stage, { repositoryUrl: other.origin })).rejects.toThrow(
      /repositoryUrl is .*shares no history/,
    )
  })

  it('takes any settings before an instance was started', async () => {
    await using stage = await openStage()
    const found = await compare(stage, { branch: 'next', runtime: 'process' }, null)
    expect(carriedOut(found(serverUrl)).map(({ setting }) => setting)).toContain('branch')
  })

  it('knows the branch of a state that recorded no settings', async () => {
    await using stage = await openStage()
    await stage.repository().ensureReady()
    const state = join(stage.directory, 'state')
    const { settings: known, hasBegun } = readLastRun(openStateDirectory(state), working(0).state)
    expect({ known, hasBegun }).toEqual({ known: { branch: 'main' }, hasBegun: true })
    await writeFile(join(state, 'settings.json'), 'no JSON')
    expect(readLastRun(openStateDirectory(state), null).settings).toEqual({})
  })

  it('records no password', async () => {
    const configuration = await config.accepted(
      settings({ origin: 'https://olga:hunter2@example.com/repo.git' } as Stage),
    )
    expect(JSON.stringify(startSettings(configuration, serverUrl))).not.toMatch(/olga|hunter2/)
  })
})
