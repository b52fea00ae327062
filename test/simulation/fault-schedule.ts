import { type InstanceId, type LineId, managerId, workerId } from '../../src/core/model/ids.ts'
import { directionPath } from '../../src/core/text/direction.ts'
import { taskListPath } from '../../src/core/text/task-list.ts'
import type { FakeRepository } from '../fakes/repository.ts'
import type { FakeRuntime } from '../fakes/runtime.ts'
import type { SteppedClock } from '../fakes/stepped-clock.ts'
import type { FakeTerminals } from '../fakes/terminals.ts'
import type { FakeCredential, FakeVault } from '../fakes/vault.ts'
import type { Faults } from './faults.ts'
import type { Random } from './random.ts'
import type { Supervisor } from './supervisor.ts'
import { wait } from './wait.ts'
import type { Lines } from './lines.ts'
import type { HistoryRecorder } from './history-recorder.ts'
import { disturbOrigins, type OriginLink } from './origin.ts'

interface FaultScheduleParts {
  readonly clock: SteppedClock
  readonly random: Random
  readonly faults: Faults
  readonly recorder: HistoryRecorder
  readonly lines: Lines
  readonly link: OriginLink
  readonly runtime: FakeRuntime
  readonly terminals: FakeTerminals
  readonly vault: FakeVault
  readonly server: Supervisor
}

/**
 * Faults at any moment: deaths, an engine that is away, a clock that is set, other people's pushes.
 */
export async function runFaultSchedule(parts: FaultScheduleParts): Promise<void> {
  const { clock, random, faults, lines, link, server, vault } = parts
  const pool = vault.list().map((each) => ({ ...each, secret: each.id }))
  for (let moment = 1; !faults.areOver; moment += 1) {
    await wait(clock, random.between(1_000, 40_000))
    if (faults.strike('server-kill', 'server')) server.kill()
    if (faults.strike('server-term', 'server')) void server.stop()
    disturbMachine(parts)
    changePool(parts, pool)
    await disturbInstances(parts)
    pushToTheOrigin(parts, moment)
    disturbOrigins(lines, link, faults, moment)
  }
}

function disturbMachine({ clock, faults, recorder }: FaultScheduleParts): void {
  const jump = faults.strike('clock-jump', 'machine')
  if (jump !== null) {
    clock.jump(jump.chance(25) ? -jump.between(1_000, 600_000) : jump.between(1_000, 3_600_000))
    recorder.noteDisturbance()
  }
}

/** A key is exchanged, or goes and comes back as another one. */
function changePool({ clock, faults, vault }: FaultScheduleParts, pool: FakeCredential[]): void {
  const change = faults.strike('pool-changes', 'pool')
  if (change === null) return
  const index = change.between(0, pool.length - 1)
  pool.forEach((each, position) => {
    if (position === index) pool[position] = { ...each, secret: `${each.id} at ${clock.now()}` }
  })
  if (change.chance(60)) return vault.replace([...pool])
  vault.replace(pool.filter((_, position) => position !== index))
  void wait(clock, change.between(1_000, 600_000)).then(() => vault.replace([...pool]))
}

const victims = [managerId, ...[1, 1, 2, 3, 4].map((number) => workerId(number))] as [
  InstanceId,
  ...InstanceId[],
]

async function disturbInstances({
  clock,
  faults,
  runtime,
  terminals,
  server,
}: FaultScheduleParts): Promise<void> {
  const death = faults.strike('container-kill', 'engine')
  if (death !== null) runtime.die(death.pick(victims), 'killed', { isNoticed: death.chance(50) })
  if (faults.strike('terminals-kill', 'tmux'))
    for (const instance of await terminals.listOpen()) terminals.end(instance)
  if (faults.strike('host-reboot', 'machine')) {
    server.kill()
    for (const instance of new Set(victims)) runtime.die(instance, 'rebooted', { isNoticed: false })
    for (const instance of await terminals.listOpen()) terminals.end(instance)
  }
  const upgrade = faults.strike('tools-upgraded', 'server')
  if (upgrade !== null) {
    server.kill()
    runtime.upgrade(upgrade.chance(80))
  }
  const absence = faults.strike('engine-away', 'engine')
  if (absence === null) return
  runtime.setReachable(false)
  void wait(clock, absence.between(1_000, 300_000)).then(() => runtime.setReachable(true))
}

function pushToTheOrigin({ faults, lines }: FaultScheduleParts, moment: number): void {
  const push = faults.strike('human-push', 'origin')
  if (push !== null) pick(lines, push).hub.pushUpstream({ [`human-${moment}.txt`]: `${moment}\n` })
  const wish = faults.strike('human-directs', 'origin')
  if (wish !== null) pick(lines, wish).hub.pushUpstream({ [directionPath]: `Wish ${moment}\n` })
  const tidying = faults.strike('list-deleted', 'origin')
  if (tidying !== null)
    pick(lines, tidying).hub.pushUpstream({ [taskListPath(tidying.between(1, 5))]: null })
  tickByHand(lines, faults)
  const plan = faults.strike('human-plans', 'origin')
  if (plan === null) return
  const { line, hub } = pick(lines, plan)
  const path = taskListPath(1)
  const list = hub.readOrigin(line, path)
  if (list === null) return
  const ticked = list.replace('- [ ] ', '- [x] ')
  hub.pushUpstream({
    [path]: plan.chance(60) ? `${list}\n- [ ] human-${moment}: What a human wants\n` : ticked,
  })
}

/** A human ticks any task that is open, on the list of any worker. */
function tickByHand(lines: Lines, faults: Faults): void {
  const [first, ...others] = [...lines].flatMap(([line, hub]) =>
    [1, 2, 3, 4].flatMap((worker) => {
      const path = taskListPath(worker)
      const list = hub.readOrigin(line, path) ?? ''
      return [...list.matchAll(/^- \[ \] /gm)].map(({ index }) => ({ hub, path, list, index }))
    }),
  )
  const tick = first === undefined ? null : faults.strike('human-ticks', 'origin')
  if (first === undefined || tick === null) return
  const { hub, path, list, index } = tick.pick([first, ...others])
  hub.pushUpstream({ [path]: `${list.slice(0, index)}- [x] ${list.slice(index + 6)}` })
}

/** Without a choice it draws no number, so that the seeds of runs with one line stay the same. */
function pick(
  lines: Lines,
  random: Random,
): { readonly line: LineId; readonly hub: FakeRepository } {
  const all = [...lines].map(([line, hub]) => ({ line, hub }))
  const [first, ...others] = all
  if (first === undefined) throw new Error('the run has no line')
  return others.length === 0 ? first : random.pick([first, ...others])
}

/** The hub while others push: the target moves in the middle of a merge. */
export function contested(
  repository: FakeRepository,
  faults: Faults,
  look: () => Promise<void>,
): FakeRepository {
  return {
    ...repository,
    async land(commit, base) {
      if (faults.strike('target-moves', 'hub')) {
        repository.pushUpstream({ [`hotfix-${commit}.txt`]: 'in a hurry\n' })
        await repository.mergeUpstream()
        await look()
      }
      return repository.land(commit, base)
    },
  }
}
