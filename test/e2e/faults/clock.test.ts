import { describe, it } from 'vitest'
import { createFakeStore } from '../../fakes/store.ts'
import { createSteppedClock } from '../../fakes/stepped-clock.ts'
import { report } from '../../support/fault-run.ts'
import { one, planned, Run, two } from '../../support/run.ts'
import type { Command } from '../../../src/core/model/command.ts'
import { Dispatcher } from '../../../src/engine/dispatch/dispatcher.ts'

const hour = 3_600_000

/**
 * A worker at its task and another one that restarts, on a clock that the test sets, as it cannot
 * set the machine's.
 */
function open() {
  const run = new Run({ workerCount: 2 }).planned([
    planned('a', { worker: 1 }),
    planned('b', { worker: 2 }),
  ])
  run.confirmed(one).confirmed(two)
  const clock = createSteppedClock(run.at)
  const commands: Command[] = []
  const dispatcher = new Dispatcher(createFakeStore(), clock, run.state, (asked) =>
    commands.push(...asked),
  )
  dispatcher.dispatch({ type: 'instance-lost', cause: 'killed', ...run.from(two) })
  return { run, clock, commands, dispatcher }
}

type Scene = ReturnType<typeof open>

/** Rings every alarm of the next so many milliseconds of the clock that never jumps. */
function goOn({ clock }: Scene, ms: number): void {
  const end = clock.now() + ms
  while (clock.now() < end && clock.step());
}

const stateOf = ({ dispatcher: { state } }: Scene) => ({
  worker: state.instances.get(one),
  leases: JSON.stringify([...state.credentials.values()].map(({ id, leases }) => [id, leases])),
})

describe('a clock that is', () => {
  it.each([
    ['set an hour ahead', hour],
    ['set an hour back', -hour],
  ])('%s, costs no worker its task and no lease', (row, jump) => {
    const scene = open()
    const before = stateOf(scene)
    scene.clock.jump(jump)
    // Something else happens first, as it mostly does: every deadline is looked at again.
    scene.dispatcher.dispatch({
      type: 'command-failed',
      command: 'probe-instance',
      reason: 'nothing to do with it',
    })
    const from = scene.clock.now()
    const isStarted = (): boolean => scene.commands.some(({ type }) => type === 'start-instance')
    while (!isStarted() && scene.clock.now() - from < 2 * hour && scene.clock.step());
    const restMs = scene.clock.now() - from
    goOn(scene, 30_000)
    const { worker, leases } = stateOf(scene)
    const lookedAt = scene.commands.filter(
      (command) => command.type === 'probe-instance' && command.instance === one,
    ).length
    const isLeftAlone =
      worker?.phase.name === 'working' && worker.launch === before.worker?.launch && lookedAt === 0
    report(
      'clock-jump',
      `${row}: the worker at its task is ${worker?.phase.name} at launch ${worker?.launch}, looked at ${lookedAt} times; the other one's rest of 1 s lasted ${restMs} ms; leases ${leases === before.leases ? 'unchanged' : 'changed'}`,
      'leases do not expire wrongly; no instance is given up, no back-off lasts longer than it should',
      isLeftAlone && restMs <= 1_000 && leases === before.leases,
    )
  })
})
