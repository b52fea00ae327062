import { spawnSync } from 'node:child_process'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { CredentialId, TaskId } from '../../src/core/model/ids.ts'
import type { InstanceNotice } from '../../src/ports/instances.ts'
import { fakeSubject } from '../support/fake-subject.ts'
import { writeIdleAgent } from '../support/idle-agent.ts'
import {
  anOrder,
  dockerSubject,
  openRuntimeStage,
  processSubject,
  worker1,
  worker2,
  type Subject,
} from '../support/runtime-stage.ts'

const hasEngine = spawnSync('docker', ['version']).status === 0

const subjects = [
  { name: 'fake', open: fakeSubject, isHere: true },
  {
    name: 'docker',
    open: async () => dockerSubject(await openRuntimeStage()),
    isHere: hasEngine || process.env.CI !== undefined,
  },
  {
    name: 'process',
    async open() {
      const stage = await openRuntimeStage()
      return processSubject(stage, await writeIdleAgent(stage.directory))
    },
    isHere: true,
  },
]

describe.each(subjects.filter(({ isHere }) => isHere))('the $name runtime', ({ open }) => {
  let subject: Subject
  let notices: InstanceNotice[]
  let watching: Disposable
  const deaths = () => notices.filter(({ type }) => type === 'died')

  const begin = async (order = anOrder()): Promise<void> => {
    await subject.runtime.instances.ensureRunning(order)
    await subject.show(order.instance)
    const { instance, launch } = order
    await vi.waitFor(
      async () =>
        expect(await subject.runtime.instances.listRunning()).toContainEqual({ instance, launch }),
      patience,
    )
  }
  const untilIdle = () =>
    vi.waitFor(() => expect(subject.runtime.instances.status(worker1)).toBe('idle'), patience)

  beforeEach(async () => {
    subject = await open()
    await subject.runtime.ensureUsable()
    notices = []
    watching = subject.runtime.instances.watch((notice) => notices.push(notice))
  })

  afterEach(async () => {
    watching[Symbol.dispose]()
    await subject.close()
  })

  it('runs nothing that it was not asked for', async () => {
    expect(await subject.runtime.instances.listRunning()).toEqual([])
    expect(subject.runtime.instances.status(worker1)).toBeNull()
  })

  it('runs a launch once, however often it is asked', async () => {
    await begin()
    await subject.runtime.instances.ensureRunning(anOrder())
    expect(await subject.runtime.instances.listRunning()).toEqual([
      { instance: worker1, launch: 1 },
    ])
    expect(deaths()).toEqual([])
  })

  it('runs several instances at once and ends them apart', async () => {
    await begin()
    await begin(anOrder({ instance: worker2, number: 2, launch: 7 }))
    await subject.runtime.instances.ensureStopped(worker1)
    expect(await subject.runtime.instances.listRunning()).toEqual([
      { instance: worker2, launch: 7 },
    ])
  })

  it('puts a newer launch in the place of the older, which is no death', async () => {
    await begin()
    await begin(anOrder({ launch: 2 }))
    expect(await subject.runtime.instances.listRunning()).toEqual([
      { instance: worker1, launch: 2 },
    ])
    expect(deaths()).toEqual([])
  })

  it('refuses a launch that is older than what runs', async () => {
    await begin(anOrder({ launch: 2 }))
    await expect(subject.runtime.instances.ensureRunning(anOrder({ launch: 1 }))).rejects.toThrow(
      'launch 1 of worker-1 is over',
    )
    expect(await subject.runtime.instances.listRunning()).toEqual([
      { instance: worker1, launch: 2 },
    ])
  })

  it('says when an agent waits for a prompt', async () => {
    await begin()
    await untilIdle()
    expect(notices).toContainEqual({ type: 'status', instance: worker1, status: 'idle' })
  })

  it('reports a death once, and starts the next launch', async () => {
    await begin()
    await untilIdle()
    await subject.kill(worker1)
    await vi.waitFor(
      () => expect(deaths()).toMatchObject([{ instance: worker1, launch: 1 }]),
      patience,
    )
    expect(await subject.runtime.instances.listRunning()).toEqual([])
    expect(subject.runtime.instances.status(worker1)).toBeNull()
    await begin(anOrder({ launch: 2 }))
    expect(deaths()).toHaveLength(1)
  })

  it('ends an instance as often as it is asked, which is no death', async () => {
    await begin()
    await subject.runtime.instances.ensureStopped(worker1)
    await subject.runtime.instances.ensureStopped(worker1)
    expect(await subject.runtime.instances.listRunning()).toEqual([])
    expect(deaths()).toEqual([])
  })

  it('reports nothing after the watch was disposed', async () => {
    await begin()
    watching[Symbol.dispose]()
    notices.length = 0
    await subject.kill(worker1)
    await vi.waitFor(
      async () => expect(await subject.runtime.instances.listRunning()).toEqual([]),
      patience,
    )
    expect(notices).toEqual([])
  })

  it('gives a terminal another command for another launch, so that it is opened again', async () => {
    await begin()
    const first = subject.runtime.instances.terminalCommand(worker1)
    await begin(anOrder({ launch: 2 }))
    expect(subject.runtime.instances.terminalCommand(worker1)).not.toEqual(first)
  })

  it('puts a login where the launch finds it, reports its changes, and returns its last text', async () => {
    const { logins } = subject.runtime.files
    const reported: unknown[] = []
    using _watching = logins.watch((instance, login) => reported.push([instance, login]))
    await begin(anOrder({ credential: alice, login: { id: alice, text: 'one' } }))
    expect(await logins.look(worker1)).toEqual({ id: alice, text: 'one' })
    expect(await logins.borrowersOf(alice)).toEqual([worker1])
    await subject.renew(worker1, 'two')
    await vi.waitFor(
      () => expect(reported.at(-1)).toEqual([worker1, { id: alice, text: 'two' }]),
      patience,
    )
    expect(await logins.take(worker1)).toEqual({ id: alice, text: 'two' })
    expect(await logins.look(worker1)).toBeNull()
    expect(await logins.borrowersOf(alice)).toEqual([])
    await logins.place(worker1, { id: alice, text: 'three' })
    expect(await logins.take(worker1)).toEqual({ id: alice, text: 'three' })
    expect(await logins.take(worker1)).toBeNull()
  })

  it('keeps the login of a launch that runs already, and removes that of an older one', async () => {
    const { logins } = subject.runtime.files
    const order = anOrder({ credential: alice, login: { id: alice, text: 'one' } })
    await begin(order)
    await subject.renew(worker1, 'two')
    await subject.runtime.instances.ensureRunning(order)
    expect(await logins.look(worker1)).toEqual({ id: alice, text: 'two' })
    await begin(anOrder({ launch: 2 }))
    expect(await logins.look(worker1)).toBeNull()
  })

  it('offers the work of an instance for saving, running or dead, but not of one that never was', async () => {
    const task = TaskId('walls')
    expect(await subject.runtime.workspaces.salvage(worker2, task)).toBeNull()
    await begin()
    await untilIdle()
    const save = async () => {
      await using salvage = await subject.runtime.workspaces.salvage(worker1, task)
      return salvage === null ? null : await subject.save(salvage.uploadPack)
    }
    const before = await save()
    expect(before).toMatch(/^[0-9a-f]{40}$/)
    await subject.leave(worker1, 'walls.txt', 'brick\n')
    const during = await save()
    expect(during).not.toBe(before)
    await subject.kill(worker1)
    await vi.waitFor(() => expect(deaths()).toHaveLength(1), patience)
    expect(await save()).toBe(during)
  })

  it('takes what the server brings into the workspace of an instance', async () => {
    await begin()
    await untilIdle()
    const { workspaces } = subject.runtime
    const receivePack = workspaces.receivePack(worker1)
    expect(await subject.bring(receivePack, workspaces.uploadPack(worker1))).toBe(true)
  })

  it('knows a launch that a start would give other tools or another image', async () => {
    await begin()
    const next = await subject.upgraded()
    await vi.waitFor(
      async () =>
        expect(await next.instances.listRunning()).toMatchObject([
          { instance: worker1, launch: 1, outdated: { isUsable: true } },
        ]),
      patience,
    )
    await next.instances.ensureRunning(anOrder({ launch: 2 }))
    await subject.show(worker1)
    await vi.waitFor(
      async () =>
        expect(await next.instances.listRunning()).toEqual([{ instance: worker1, launch: 2 }]),
      patience,
    )
  })

  it('ends everything', async () => {
    await begin()
    await begin(anOrder({ instance: worker2, number: 2 }))
    await subject.runtime.instances.ensureAllStopped()
    await subject.runtime.instances.ensureAllStopped()
    expect(await subject.runtime.instances.listRunning()).toEqual([])
    expect(deaths()).toEqual([])
  })
})

const alice = CredentialId('alice')
const patience = { timeout: 55_000, interval: 20 }
