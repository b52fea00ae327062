import { execFileSync } from 'node:child_process'
import { chmod, copyFile, mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { answerAs } from '../../src/rehearsal/players/answer-as.ts'
import { removeLeftovers } from '../../src/rehearsal/chaos/checker/leftovers.ts'
import { startModel } from '../../src/rehearsal/model/server.ts'
import { findLeftovers } from '../../src/rehearsal/runner/leftovers.ts'
import { modelHost } from '../../src/rehearsal/runner/model-host.ts'
import { createSetup, type Setup, targetBranch } from '../../src/rehearsal/runner/setup.ts'
import { verify } from '../../src/rehearsal/runner/verify.ts'
import { git } from '../../src/rehearsal/sample/repository.ts'
import { makeSample } from '../../src/rehearsal/scenarios/sample.ts'
import { LiveServer } from '../support/live-server.ts'

const fixture = join(import.meta.dirname, '../fixtures/state-db47837')

/** What was rehearsed when the fixture was made: the same arguments make the same plan. */
const scenario = {
  summary: 'a worker asks, one breaks the checks, two touch the same lines',
  quirks: { 2: 'asks', 4: 'breaks-checks', 5: 'collides' },
  checks: ['node --test'],
} as const
const [tasks, workers] = [10, 3]

/** A task may take more tries than its script gives a reason for: every worker starts again. */
const tries = 9

/** Where the run was when its server was killed. */
const phases = {
  'miles-to-kilometres': 'working',
  'pounds-to-kilograms': 'blocked',
  'weeks-to-hours': 'merged',
  'gallons-to-decilitres': 'rejected',
  'acres-to-hectares': 'merged',
  'kibibytes-to-kilobytes': 'reported',
  'miles-to-nautical-miles': 'merged',
  'pounds-to-ounces': 'merging',
  'kilometres-to-miles': 'waiting',
  'weeks-to-days': 'queued',
}

/** Merged in the hub; the server was killed before it recorded that. */
const landed = 'pounds-to-ounces'

const json = z.string().transform((text): unknown => JSON.parse(text))
const rowsShape = z.array(z.object({ value: json }))
const reportRows = z.array(
  z.object({ event: json.pipe(z.object({ task: z.string(), commit: z.string() })) }),
)
const runShape = z.object({ id: z.string(), head: z.string() })
const taskShape = z.object({
  id: z.string(),
  phase: z.object({ name: z.string(), commit: z.string().optional() }),
})
const backupShape = z.object({
  id: z.string(),
  phase: z.object({ name: z.string(), commit: z.string() }),
})

const hubOf = ({ state }: Setup): string => join(state, 'hub.git')

const readFixture = (name: string): Promise<string> => readFile(join(fixture, name), 'utf8')

/** A machine on which there is nothing of the run but its state: no workspace, no home. */
async function restore(setup: Setup): Promise<ReturnType<typeof restoreDatabase>> {
  await mkdir(hubOf(setup), { recursive: true })
  for (const name of ['secret', 'operator-token']) {
    await copyFile(join(fixture, name), join(setup.state, name))
    await chmod(join(setup.state, name), 0o600)
  }
  const recorded = restoreDatabase(setup, await readFixture('orchestrator.sql'))

  await makeBare(hubOf(setup))
  const input = await readFixture('hub.fast-export')
  const env = { PATH: process.env['PATH'] }
  execFileSync('git', ['fast-import', '--quiet'], { cwd: hubOf(setup), env, input })
  // The origin had every merge that the server had recorded.
  await rm(setup.origin, { recursive: true })
  await mkdir(setup.origin)
  await makeBare(setup.origin)
  const published = `${recorded.run.head}:refs/heads/${targetBranch}`
  await git(hubOf(setup), 'push', '--quiet', setup.origin, published)
  return recorded
}

const makeBare = (directory: string): Promise<string> =>
  git(directory, 'init', '--quiet', '--bare', '--template=', '--initial-branch', targetBranch)

/** Returns what the old server recorded. */
function restoreDatabase({ state }: Setup, sql: string) {
  using database = new DatabaseSync(join(state, 'orchestrator.db'))
  database.exec(sql)
  const select = database.prepare('SELECT value FROM entity WHERE kind = ? ORDER BY position')
  const documents = (kind: string) => rowsShape.parse(select.all(kind)).map(({ value }) => value)
  return {
    run: runShape.parse(documents('run')[0]),
    tasks: documents('task').map((each) => taskShape.parse(each)),
    backups: documents('backup').map((each) => backupShape.parse(each)),
  }
}

/** Every report that a server took, also those of the old one. */
function reportsIn({ state }: Setup) {
  using database = new DatabaseSync(join(state, 'orchestrator.db'))
  const taken = database.prepare(
    "SELECT event FROM journal WHERE type = 'task-reported' AND ignored IS NULL",
  )
  return reportRows.parse(taken.all()).map(({ event }) => event)
}

describe('a run whose state an older server left in its middle', () => {
  it('goes on and ends well: what was merged stays, and nothing is merged twice', async () => {
    const { seed, script } = makeSample(scenario, tasks, workers)
    await using model = await startModel({
      host: await modelHost('docker'),
      act: (request) => answerAs(script, request),
    })
    await using setup = await createSetup({
      seed,
      workers,
      runtime: 'docker',
      context: 'fresh',
      checks: scenario.checks,
      modelUrl: model.url,
      credentials: { shape: 'oauth-token', spare: 1 },
    })
    const before = await restore(setup)
    const found = before.tasks.map(({ id, phase }) => [id, phase.name])
    expect(Object.fromEntries(found)).toEqual(phases)
    expect(Object.keys(phases)).toEqual(script.tasks.map(({ id }) => id))
    const merge = await git(hubOf(setup), 'rev-parse', targetBranch)
    const merged = before.tasks.filter(({ phase }) => phase.name === 'merged')

    // The run's id is in its state: leftovers of a killed test would be adopted by this one.
    await removeLeftovers(before.run.id, `orchestrator-${before.run.id}`)
    await using server = new LiveServer(setup)
    server.start('--stop-instances')
    const done = await server.statusWhen('done', ({ run }) => run.phase === 'done')
    expect(done.run.id).toBe(before.run.id)
    await server.statusWhen('stopped its instances', ({ instances }) =>
      instances.every(({ phase }) => phase === 'stopped'),
    )
    expect(await server.stop()).toBe(0)

    const reported = reportsIn(setup)
    expect(new Set(reported.map(({ task }) => task))).toEqual(new Set(Object.keys(phases)))

    const planned = script.tasks.map(({ id }) => ({ id, tries }))
    const { findings, merges } = await verify(setup, { status: done, reported, tasks: planned })
    const leftovers = await findLeftovers(setup, 'docker', done)
    expect([...findings, ...leftovers].filter(({ problem }) => problem !== null)).toEqual([])
    const kept = merged.map(({ id, phase }) => [id, phase.commit])
    expect([...merges]).toEqual(expect.arrayContaining([...kept, [landed, merge]]))

    for (const { id, phase } of before.backups.filter(({ phase }) => phase.name === 'saved')) {
      const saved = await git(join(setup.state, 'backups.git'), 'rev-parse', `refs/backup/${id}`)
      expect(saved).toBe(phase.commit)
    }
  })
})
