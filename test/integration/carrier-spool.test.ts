import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { CarrierStage } from './carrier-stage.ts'
import { Receiver } from './tools-receiver.ts'

const patience = { timeout: 60_000, interval: 10 }

describe('a hook that is given to a command', () => {
  let server: Receiver
  let stage: CarrierStage

  beforeEach(async () => {
    server = new Receiver()
    await server.start()
    stage = await CarrierStage.open(server.port)
  })

  afterEach(async () => {
    await stage.close()
    await server.stop()
  })

  const arrived = (...events: readonly (readonly [string, number])[]) =>
    vi.waitFor(
      () => expect(hooksOf(server).map(({ path, body }) => [path, body.n])).toEqual(events),
      patience,
    )

  it('arrives at once, as one for which no hook waits', async () => {
    expect(await stage.spool(1)).toMatchObject({ code: 0, stdout: '', stderr: '' })
    await arrived(['/hooks/SessionStart', 1])
    expect(hooksOf(server)).toMatchObject([{ launch: 1, isReplay: true }])
  })

  it('arrives before a hook that is posted later', async () => {
    await stage.spool(1)
    await stage.hook(2)
    await arrived(['/hooks/SessionStart', 1], ['/hooks/Stop', 2])
  })

  it('arrives although pipes, directories and halves of events lie beside it', async () => {
    await stage.kill()
    const spool = join(stage.outbox, 'spool')
    await stage.spool(1)
    for (const pipe of ['spool/1.1.SessionStart', '5.1.9.Stop.json', 'lost'])
      execFileSync('mkfifo', [join(stage.outbox, pipe)])
    for (const directory of ['spool/2.2.SessionStart', '6.1.9.Stop.json'])
      mkdirSync(join(stage.outbox, directory))
    for (const half of ['3.3.SessionStart', '4.4.SessionStart'])
      writeFileSync(join(spool, half), '{"n":')
    const longAgo = new Date(Date.now() - 120_000)
    utimesSync(join(spool, '3.3.SessionStart'), longAgo, longAgo)
    await stage.start(server.port)
    await stage.hook(2)
    await arrived(['/hooks/SessionStart', 1], ['/hooks/Stop', 2])
    const left = ['1.1.SessionStart', '2.2.SessionStart', '4.4.SessionStart']
    expect(readdirSync(spool).toSorted()).toEqual(left)
  })

  it('waits for a carrier that is away', async () => {
    await stage.kill()
    for (const n of [1, 2]) expect(await stage.spool(n)).toMatchObject({ code: 0, stderr: '' })
    await stage.start(server.port)
    await arrived(['/hooks/SessionStart', 1], ['/hooks/SessionStart', 2])
  })
})

/** Not its question for the list of the tools. */
const hooksOf = ({ received }: Receiver) =>
  received.filter(({ path }) => path.startsWith('/hooks/'))
