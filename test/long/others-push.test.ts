import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { contains, Person } from '../../src/rehearsal/acts/person.ts'
import { answerAs } from '../../src/rehearsal/players/answer-as.ts'
import { withThinking } from '../../src/rehearsal/players/thinking.ts'
import { startModel } from '../../src/rehearsal/model/server.ts'
import { findLeftovers } from '../../src/rehearsal/runner/leftovers.ts'
import { modelHost } from '../../src/rehearsal/runner/model-host.ts'
import { readPublication } from '../../src/rehearsal/runner/publication.ts'
import { freePort } from '../../src/rehearsal/runner/server.ts'
import { createSetup } from '../../src/rehearsal/runner/setup.ts'
import { verify } from '../../src/rehearsal/runner/verify.ts'
import { makeSample } from '../../src/rehearsal/scenarios/sample.ts'
import { scenarios } from '../../src/rehearsal/scenarios/scenarios.ts'
import { LiveServer } from '../support/live-server.ts'

const pushesLastMs = 300_000
const pushEveryMs = 4_000
const awayMs = 60_000

/** Serves the repositories beside the origin to everybody, as `git://`. */
async function startDaemon(origin: string, port: number): Promise<ChildProcess> {
  const words = ['--reuseaddr', '--listen=127.0.0.1', `--port=${port}`, '--export-all']
  const more = ['--enable=receive-pack', `--base-path=${dirname(origin)}`]
  const daemon = spawn('git', ['daemon', ...words, ...more], { stdio: 'ignore', detached: true })
  onTestFinished(() => stopDaemon(daemon))
  const answers = async (): Promise<boolean> => {
    const socket = connect(port, '127.0.0.1')
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    return isOpen
  }
  while (!(await answers())) await delay(100)
  return daemon
}

/** With what it has started: `git daemon` is a child of `git`. */
function stopDaemon({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, 'SIGKILL')
}

/** Its relative in `npm test` is the scenario `outside-world`. */
describe('an origin to which others push every few seconds', () => {
  it('has everything of both sides at the end, also after a minute away', async () => {
    const { seed, script } = makeSample(scenarios.plain, 40, 3)
    await using model = await startModel({
      host: await modelHost('docker'),
      act: withThinking(1_500, async (request) => answerAs(script, request)),
    })
    const port = await freePort()
    await using setup = await createSetup({
      seed,
      workers: 3,
      runtime: 'docker',
      context: 'fresh',
      checks: [],
      modelUrl: model.url,
      settings: { repositoryUrl: `git://127.0.0.1:${port}/origin.git`, upstreamEverySeconds: 5 },
    })
    const daemon = await startDaemon(setup.origin, port)
    await using server = new LiveServer(setup)
    server.start('--stop-instances')

    const person = new Person(setup, 'a-colleague')
    const pushed: { commit: string; line: string }[] = []
    let refused = 0
    const end = Date.now() + pushesLastMs
    for (let count = 0; Date.now() < end; count += 1) {
      await person.update()
      // Where a task of the run writes too.
      const entry = script.tasks[count % script.tasks.length]?.entry
      if (entry === undefined) throw new Error('the sample has no task')
      const text = await readFile(join(person.clone, entry.path), 'utf8')
      const line = `// by hand ${count}`
      const edited = text.replace(`${entry.below}\n`, `${entry.below}\n${line}\n`)
      if (edited !== text) {
        const commit = await person.commit([{ path: entry.path, text: edited }], line)
        // The run may have pushed meanwhile: a person takes that and tries again.
        await person.push().then(
          () => pushed.push({ commit, line }),
          () => (refused += 1),
        )
      }
      await delay(pushEveryMs)
    }
    stopDaemon(daemon)
    await delay(awayMs)
    await startDaemon(setup.origin, port)

    const done = await server.statusWhen('done', (status) => status.run.phase === 'done')
    expect(await server.stop()).toBe(0)
    process.stdout.write(
      `${pushed.length} pushes of others, ${refused} refused; ` +
        `${done.tasks.filter(({ phase }) => phase === 'merged').length} tasks merged\n`,
    )
    expect(pushed.length).toBeGreaterThan(20)
    for (const { commit } of pushed) expect(await contains(setup.origin, commit)).toBe(true)
    await person.update()
    const index = await readFile(join(person.clone, script.tasks[0]?.entry.path ?? ''), 'utf8')
    const lines = index.split('\n')
    expect(pushed.filter(({ line }) => !lines.includes(line))).toEqual([])
    const tasks = script.tasks.map(({ id }) => ({ id, tries: 40 }))
    const { findings } = await verify(setup, { status: done, reported: [], tasks })
    const all = [...findings, ...(await findLeftovers(setup, 'docker', done))]
    expect(all.filter(({ problem }) => problem !== null)).toEqual([])
    expect(await readPublication(setup)).toMatchObject({ published: true })
  })
})
