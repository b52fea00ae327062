import { parseTaskList } from '../../src/adapters/markdown/task-list.ts'
import type { Decision } from '../../src/core/decide.ts'
import { initialState } from '../../src/core/model/initial-state.ts'
import { RunId } from '../../src/core/model/ids.ts'
import type { Policy } from '../../src/core/model/policy.ts'
import { createEngine } from '../../src/engine/engine.ts'
import type { WorkerApi } from '../../src/engine/worker-api.ts'
import type { Change, Dispatcher, NewEvent } from '../../src/engine/dispatch/dispatcher.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { Repository } from '../../src/ports/repository.ts'
import type { Runtime } from '../../src/ports/runtime.ts'
import type { MaintainedStore } from '../../src/ports/store.ts'
import type { Terminals } from '../../src/ports/terminals.ts'
import type { Vault } from '../../src/ports/vault.ts'
import { silentLog } from '../fakes/log.ts'
import { checksTimeoutMs } from './checks.ts'
import { hubOf, type Lines, tipsOf } from './lines.ts'
import type { Life } from './ports.ts'

export interface Outside {
  readonly clock: Clock
  readonly store: MaintainedStore
  readonly lines: Lines<Repository>
  readonly runtime: Runtime
  readonly terminals: Terminals
  readonly vault: Vault
}

export interface Watching {
  readonly notify: (change: Change) => void
  /** How long the hooks that are committed together are gathered. */
  readonly gatherMs: () => number
}

export interface SimulatedServer {
  readonly life: Life
  readonly dispatcher: Dispatcher
  readonly workerApi: WorkerApi
  readonly dispatch: (fact: NewEvent) => Decision
  readonly dispatchSoon: (fact: NewEvent) => Promise<Decision>
  readonly enqueue: (fact: NewEvent) => void
  /** It takes nothing any more. */
  isStopping(): boolean
  /**
   * What comes after it listens: the run begins or goes on. Rejects when the process would end with
   * a message.
   */
  begin(): Promise<void>
  /** What SIGTERM does: nothing more is begun, what has begun is finished. */
  close(): Promise<void>
}

/** The engine that ships, in one life of the server: when the life ends, nothing rings any more. */
export async function startServer(
  outside: Outside,
  policy: Policy,
  life: Life,
  { notify, gatherMs }: Watching,
): Promise<SimulatedServer> {
  const { store, lines, runtime, terminals, vault } = outside
  const clock: Clock = {
    now: () => outside.clock.now(),
    alarm: (at, ring) => outside.clock.alarm(at, () => (life.isOver ? undefined : ring())),
  }
  const tips = await tipsOf(lines)
  const initial = initialState(RunId('simulated'), policy, tips, clock.now())
  const engine = createEngine(
    {
      clock,
      store,
      repositoryOf: (line) => hubOf(lines, line),
      ...runtime,
      terminals,
      vault: whileAlive(vault, life),
      log: silentLog,
      parseTaskList,
      writeReport: async () => undefined,
    },
    {
      initial,
      checks: { commands: ['test'], timeoutMs: checksTimeoutMs },
      secret: 'simulated',
      gatewayUrl: () => '',
      onProblem: () => undefined,
      soon: (work) => clock.alarm(clock.now() + gatherMs(), work),
    },
  )
  const { dispatcher } = engine
  dispatcher.subscribe((change) => {
    if (!life.isOver) notify(change)
  })
  return {
    life,
    dispatcher,
    workerApi: engine.workerApi,
    dispatch: (fact) => dispatcher.dispatch(fact),
    dispatchSoon: (fact) => dispatcher.dispatchSoon(fact),
    enqueue: (fact) => void dispatcher.enqueue(fact),
    isStopping: () => dispatcher.isClosed,
    async begin() {
      await runtime.ensureUsable()
      await engine.begin({ policy, lines: tips })
    },
    async close() {
      await engine.close({ stopInstances: false })
    },
  }
}

/** The vault as a server that may be killed sees it: a dead one gets no notice of a change. */
function whileAlive(vault: Vault, life: Life): Vault {
  return {
    ...vault,
    watch: (listener) => vault.watch((change) => (life.isOver ? undefined : listener(change))),
  }
}
