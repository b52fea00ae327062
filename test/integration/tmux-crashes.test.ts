import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { workerId } from '../../src/core/model/ids.ts'
import { createTmuxStage, echo, patience, type TmuxStage } from './tmux-stage.ts'

const [one, two, three] = [workerId(1), workerId(2), workerId(3)]

describe('the client of tmux, which makes tmux 3.3a crash when it comes or goes at a wrong time', () => {
  let stage: TmuxStage

  beforeEach(async () => {
    stage = await createTmuxStage()
  })

  afterEach(() => stage[Symbol.asyncDispose]())

  it('stays when instances end, by themselves too, and begin', async () => {
    const brief = ['sh', '-c', 'sleep 0.$0', '5']
    for (const each of [one, two]) await stage.terminals.ensureOpen(each, echo)
    await stage.terminals.listOpen()
    const before = [await stage.serverPid(), await stage.clients()]
    for (let time = 0; time < 10; time += 1) {
      await Promise.all([
        stage.terminals.ensureClosed(one).then(() => stage.terminals.ensureOpen(three, brief)),
        stage.terminals.listOpen(),
        stage.terminals.paste(two, `time ${time}`),
      ])
      await stage.terminals.press(two, 'Enter')
      await stage.shows(two, `got <time ${time}>`)
      await stage.terminals.ensureOpen(one, echo)
      const open = async () => expect(await stage.terminals.listOpen()).toEqual(new Set([one, two]))
      await vi.waitFor(open, patience)
    }
    expect([await stage.serverPid(), await stage.clients()]).toEqual(before)
  })

  it('ends no terminal when instances that end by themselves and new ones come together', async () => {
    const all = [one, two, three, workerId(4), workerId(5), workerId(6)]
    await stage.terminals.ensureOpen(workerId(7), echo)
    const pid = await stage.serverPid()
    for (let round = 0; round < 20; round += 1) {
      await Promise.all(
        all.map((each, index) =>
          stage.terminals.ensureOpen(each, ['sh', '-c', `sleep 0.0${(index * 7 + round) % 10}`]),
        ),
      )
      await Promise.all(all.map((each) => stage.terminals.screen(each).catch(() => '')))
    }
    expect(await stage.serverPid()).toBe(pid)
    expect(await stage.terminals.listOpen()).toContain(workerId(7))
  })

  it('does not attach while a session begins or ends, which makes tmux crash', async () => {
    const all = [...[one, two, three], ...[workerId(4), workerId(5), workerId(6)]]
    for (let round = 0; round < 8; round += 1) {
      const servers = await Promise.all(
        all.map(async (each, index) => {
          await delay(index * 15)
          await stage.terminals.ensureOpen(each, echo)
          return await stage.serverPid()
        }),
      )
      expect(new Set(servers).size).toBe(1)
      expect(await stage.terminals.listOpen()).toEqual(new Set(all))
      for (const each of all) await stage.terminals.ensureClosed(each)
      // Without a client, the next round attaches one while sessions begin.
      await stage.tmux('kill-server')
    }
  })

  it('ends with its server, which ends no terminal', async () => {
    await stage.terminals.ensureOpen(one, echo)
    const pid = await stage.serverPid()
    for (let time = 0; time < 30; time += 1) {
      expect(await stage.terminals.listOpen()).toEqual(new Set([one]))
      await stage.terminals[Symbol.asyncDispose]()
      expect([await stage.serverPid(), await stage.clients()]).toEqual([pid, []])
    }
  })
})
