import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { InstanceId } from '../../src/core/model/ids.ts'
import { LaunchTokens } from '../../src/engine/commands/launch-tokens.ts'
import { answerAs } from '../../src/rehearsal/players/answer-as.ts'
import { withBarrier } from '../../src/rehearsal/players/barrier.ts'
import { startModel } from '../../src/rehearsal/model/server.ts'
import { findLeftovers } from '../../src/rehearsal/runner/leftovers.ts'
import { modelHost } from '../../src/rehearsal/runner/model-host.ts'
import { createSetup, type Setup } from '../../src/rehearsal/runner/setup.ts'
import type { Status } from '../../src/rehearsal/runner/status.ts'
import { verify } from '../../src/rehearsal/runner/verify.ts'
import { makeSample } from '../../src/rehearsal/scenarios/sample.ts'
import { scenarios } from '../../src/rehearsal/scenarios/scenarios.ts'
import { until } from '../support/fault-run.ts'
import { LiveServer } from '../support/live-server.ts'
import { mountProblem, SmallDisk } from '../support/small-disk.ts'

/** A report that could not be taken in is made again. */
const tries = 9

const mergedIn = (status: Status): number =>
  status.tasks.filter(({ phase }) => phase === 'merged').length
const isDone = ({ run }: Status): boolean => run.phase === 'done'

async function problems(
  setup: Setup,
  status: Status,
  tasks: readonly { readonly id: string }[],
): Promise<readonly string[]> {
  const { findings } = await verify(setup, {
    status,
    reported: [],
    tasks: tasks.map(({ id }) => ({ id, tries })),
  })
  const all = [...findings, ...(await findLeftovers(setup, 'docker', status))]
  return all.flatMap(({ promise, problem }) => (problem === null ? [] : [`${promise}: ${problem}`]))
}

/** Figures of this machine, for the reader of the output. */
const say = (text: string): void => void process.stderr.write(`${text}\n`)

const standstill = z.object({ reason: z.string(), since: z.iso.datetime(), waiting: z.number() })
const ownStatus = z.object({
  state: z.object({ standstill: standstill.nullable(), needs: z.string().nullable() }),
})

async function stateOf(url: string, { state }: Setup): Promise<z.infer<typeof ownStatus>['state']> {
  const token = readFileSync(join(state, 'reader-token'), 'utf8').trim()
  const headers = { authorization: `Bearer ${token}` }
  const status: unknown = await (await fetch(new URL('/status', url), { headers })).json()
  return ownStatus.parse(status).state
}

/** Reads again when a directory disappears meanwhile: the agents make and remove locks. */
function namesBelow(directory: string): readonly string[] {
  for (let left = 100; ; left -= 1) {
    try {
      return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    } catch (error) {
      const isGone = error instanceof Error && 'code' in error && error.code === 'ENOENT'
      if (left === 0 || !isGone) throw error
    }
  }
}

/** Events that hooks could not hand in. */
function undelivered(instances: string): readonly string[] {
  const names = namesBelow(instances)
  return names.filter((name) => /outbox\/\d.*\.json$/.test(name))
}

describe('a run', () => {
  it.skipIf(mountProblem !== null)(
    `stands still while the disk of its state is full, says so, and resumes with nothing lost${mountProblem === null ? '' : ` (${mountProblem})`}`,
    async () => {
      const { seed, script } = makeSample(scenarios.plain, 6, 2)
      await using model = await startModel({
        host: await modelHost('docker'),
        act: withBarrier(script, (request) => answerAs(script, request)),
      })
      await using setup = await createSetup({
        seed,
        workers: 2,
        runtime: 'docker',
        context: 'fresh',
        checks: [],
        modelUrl: model.url,
      })
      // A start needs more than the 8 MB that are left later. Instances write to another disk.
      using disk = new SmallDisk(setup.state, 300)
      const instances = join(setup.root, 'instances')
      mkdirSync(instances)
      symlinkSync(instances, join(setup.state, 'instances'))
      await using server = new LiveServer({ ...setup, serverLog: join(setup.state, 'stdout.log') })
      server.start('--stop-instances')
      const begun = await server.statusWhen('merged anything', (status) => mergedIn(status) >= 1)

      const standing = async () => (await stateOf(server.url, setup)).standstill
      expect(await standing()).toBeNull()
      disk.shrink(8)
      disk.fill()
      const filledAt = Date.now()
      const still = await until('the server stands still', standing)
      say(`stood still ${Date.now() - filledAt} ms after the disk was full`)
      expect(still.reason).toMatch(/cannot be written: .*full/)
      expect((await stateOf(server.url, setup)).needs).toBe(
        `free some space in ${setup.state}: 0 MiB are left`,
      )
      for (const route of ['/readyz', '/health']) {
        const answer = await fetch(new URL(route, server.url))
        expect([answer.status, await answer.text()]).toEqual([
          503,
          expect.stringContaining('free some space in'),
        ])
      }
      expect((await fetch(new URL('/livez', server.url))).status).toBe(200)
      const tokens = new LaunchTokens(readFileSync(join(setup.state, 'secret'), 'utf8').trim())
      const postStop = (sequence: string) =>
        fetch(new URL('/hooks/Stop', server.url), {
          method: 'POST',
          headers: {
            authorization: `Bearer ${tokens.tokenOf(InstanceId('worker-1'), 1)}`,
            'content-type': 'application/json',
            'x-launch': '1',
            'x-sequence': sequence,
          },
          body: JSON.stringify({
            hook_event_name: 'Stop',
            session_id: 's',
            stop_hook_active: false,
          }),
        })
      const hook = await postStop('1')
      expect([hook.status, await hook.text()]).toEqual([
        503,
        expect.stringContaining('retry later'),
      ])
      await until('a hook is kept', async () => (undelivered(instances).length > 0 ? true : null))
      // More events to be written: the server neither takes them nor recovers over them.
      for (const sequence of ['2', '3', '4', '5', '6'])
        expect((await postStop(sequence)).status).toBe(503)
      const merged = await server.statusWhen('there', () => true)
      expect((await stateOf(server.url, setup)).standstill?.since).toBe(still.since)
      const kept = undelivered(instances)
      const { standstill: later } = await stateOf(server.url, setup)
      say(`${kept.length} hooks and ${later?.waiting} facts wait; ${mergedIn(merged)} of 6 merged`)

      disk.free()
      const freedAt = Date.now()
      await until('the server resumes', async () =>
        (await stateOf(server.url, setup)).standstill === null ? true : null,
      )
      say(`resumed ${Date.now() - freedAt} ms after there was space`)
      await until('what was kept is taken', async () =>
        undelivered(instances).some((name) => kept.includes(name)) ? null : true,
      )
      say(`took every hook ${Date.now() - freedAt} ms after there was space`)
      disk.resize(300)
      const done = await server.statusWhen('done', isDone)
      expect(done.run.id).toBe(begun.run.id)
      expect(done.instances.map(({ launch }) => launch)).toEqual([1, 1, 1])
      expect(await server.stop()).toBe(0)
      expect(await problems(setup, done, script.tasks)).toEqual([])
    },
  )

  it('is refused while its database is damaged, goes on when it is mended as the message says, and ends when damage shows later', async () => {
    const { seed, script } = makeSample(scenarios.plain, 4, 2)
    await using model = await startModel({
      host: await modelHost('docker'),
      act: withBarrier(script, (request) => answerAs(script, request)),
    })
    await using setup = await createSetup({
      seed,
      workers: 2,
      runtime: 'docker',
      context: 'fresh',
      checks: [],
      modelUrl: model.url,
    })
    const database = join(setup.state, 'orchestrator.db')
    const said = () => readFileSync(setup.serverLog, 'utf8')
    await using server = new LiveServer(setup)
    server.start()
    await server.statusWhen('merged anything', (status) => mergedIn(status) >= 1)
    expect(await server.stop()).toBe(0)
    const backups = readdirSync(join(setup.state, 'backups')).toSorted()
    flip(database, 2)

    const before = said().length
    const refusedAt = Date.now()
    server.start()
    expect(await server.ended()).toBe(1)
    const refusal = said().slice(before)
    say(`refused after ${Date.now() - refusedAt} ms:\n${refusal}`)
    const newest = join(setup.state, 'backups', backups.at(-1) ?? 'none')
    expect(refusal).toMatch(
      new RegExp(`^${database} is damaged: .*\n  → its last good backup is ${newest}, of `),
    )
    const commands = refusal.split('\n').filter((line) => line.startsWith('      '))
    expect(commands).toHaveLength(3)
    execFileSync('sh', ['-e'], { input: commands.join('\n') })

    server.start('--stop-instances')
    const done = await server.statusWhen('done', isDone)
    expect(await server.stop()).toBe(0)
    expect(await problems(setup, done, script.tasks)).toEqual([])

    makeLongerThanItsCache(database)
    server.start()
    await server.statusWhen('still done', isDone)
    flip(database, Math.floor(statSync(database).size / 8_192), 50)
    const token = readFileSync(join(setup.state, 'operator-token'), 'utf8').trim()
    const damagedAt = Date.now()
    const headers = { authorization: `Bearer ${token}`, 'last-event-id': '0' }
    const reading = fetch(new URL('/api/v1/events', server.url), { headers })
      .then((answer) => answer.text())
      .catch(() => 'cut off')
    expect(await server.ended()).toBe(1)
    await reading
    say(`ended ${Date.now() - damagedAt} ms after it met the damage`)
    expect(said().slice(before + refusal.length)).toContain(`\n${database} is damaged: `)
  })
})

/** Old lines of the journal, so many that they have to be read from the disk again. */
function makeLongerThanItsCache(path: string): void {
  using database = new DatabaseSync(path)
  const append = database.prepare(
    'INSERT INTO journal (at, type, event, commands, ignored) VALUES (?, ?, ?, ?, ?)',
  )
  database.exec('BEGIN')
  for (let count = 0; count < 10_000; count += 1)
    append.run(1, 'clock-ticked', '{"at":1,"type":"clock-ticked"}', '[]', 'x'.repeat(2_000))
  database.exec('COMMIT')
}

/** The header of each of the pages is another one afterwards. */
function flip(path: string, first: number, count = 1): void {
  const bytes = readFileSync(path)
  for (let page = first; page < first + count; page += 1) {
    for (let at = page * 4_096; at < page * 4_096 + 64; at += 1) bytes[at] = (bytes[at] ?? 0) ^ 0xff
  }
  writeFileSync(path, bytes, { flag: 'r+' })
}
