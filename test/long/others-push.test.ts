import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { contains, Person } from '../../src/rehearsal/acts/person.ts'
import { answerAs } from '../../src/rehearsal/players/answer-as.ts'
import { withThinking } from '../../src/rehearsal/players/thinking.ts'
import { startModel } from '../../src/rehearsal/model/server.ts'
import { findLeftovers } from '../../src/rehearsal/runner/leftovers.ts'
import { modelHost } from '../../src/rehearsal/runner/model-host.ts'
import { readPublication } from '../../src/rehearsal/runner/publication.ts'
import { createSetup } from '../../src/rehearsal/runner/setup.ts'
import { verify } from '../../src/rehearsal/runner/verify.ts'
import { makeSample } from '../../src/rehearsal/scenarios/sample.ts'
import { scenarios } from '../../src/rehearsal/scenarios/scenarios.ts'
import { onEnd } from '../integration/egress-hosts.ts'
import { serveGit } from '../integration/git-http.ts'
import { anAuthority, type Authority } from '../integration/outbound-stage.ts'
import { LiveServer } from '../support/live-server.ts'

const pushesLastMs = 300_000
const pushEveryMs = 4_000
const awayMs = 60_000

/** The origin over https, which can be away for a while. */
class Daemon {
  readonly #server: https.Server
  readonly #sockets = new Set<Socket>()
  #port = 0

  constructor(certificate: ReturnType<Authority['certify']>, listener: RequestListener) {
    this.#server = https.createServer(certificate, listener)
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket.on('error', () => undefined))
    })
  }

  async start(): Promise<number> {
    await once(this.#server.listen(this.#port, '127.0.0.1'), 'listening')
    const address = this.#server.address()
    this.#port = typeof address === 'object' ? (address?.port ?? 0) : 0
    return this.#port
  }

  stop(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    this.#sockets.clear()
  }
}

/** Its relative in `npm test` is the scenario `outside-world`. */
describe('an origin to which others push every few seconds', () => {
  it('has everything of both sides at the end, also after a minute away', async () => {
    const { seed, script } = makeSample(scenarios.plain, 40, 3)
    await using model = await startModel({
      host: await modelHost('docker'),
      act: withThinking(3_500, async (request) => answerAs(script, request)),
    })
    const authority = anAuthority()
    const served = { origin: '' }
    const daemon = new Daemon(authority.certify('localhost'), (request, response) =>
      serveGit(served)(request, response),
    )
    onEnd(() => daemon.stop())
    const port = await daemon.start()
    await using setup = await createSetup({
      seed,
      workers: 3,
      runtime: 'docker',
      context: 'fresh',
      checks: [],
      modelUrl: model.url,
      settings: {
        repositoryUrl: `https://localhost:${port}/origin.git`,
        caFile: authority.file,
        upstreamEverySeconds: 5,
      },
    })
    served.origin = setup.origin
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
    daemon.stop()
    await delay(awayMs)
    await daemon.start()

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
