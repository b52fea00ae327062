import { parseTaskList } from '../../src/adapters/markdown/task-list.ts'
import type { Rules } from '../../src/core/rules.ts'
import type { State } from '../../src/core/state.ts'
import { Desk } from '../../src/engine/desk.ts'
import { Dispatcher } from '../../src/engine/dispatcher.ts'
import { Executor } from '../../src/engine/executor.ts'
import { Prompting } from '../../src/engine/prompting.ts'
import { Provisioning } from '../../src/engine/provisioning.ts'
import { Reconciler } from '../../src/engine/reconciler.ts'
import { Sightings } from '../../src/engine/sightings.ts'
import { Swapping } from '../../src/engine/swapping.ts'
import { LaunchTokens } from '../../src/engine/tokens.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { Repository } from '../../src/ports/repository.ts'
import type { Runtime } from '../../src/ports/runtime.ts'
import type { Store } from '../../src/ports/store.ts'
import type { Terminals } from '../../src/ports/terminals.ts'
import type { Vault } from '../../src/ports/vault.ts'

export interface Outside {
  readonly clock: Clock
  readonly store: Store
  readonly repository: Repository
  readonly runtime: Runtime
  readonly terminals: Terminals
  readonly vault: Vault
}

export interface SimulatedServer {
  readonly dispatcher: Dispatcher
  readonly desk: Desk
  /** Ends it between two steps, as SIGKILL would: what was begun outside goes on, and nobody hears how it ended. */
  crash(): void
}

/** The real engine, cut off from its world the moment it crashes. */
export async function startServer(outside: Outside, rules: Rules, initial: State): Promise<SimulatedServer> {
  let isDead = false
  const live = <Port extends object>(port: Port): Port => untilDeath(port, () => isDead)
  const clock: Clock = {
    now: () => outside.clock.now(),
    alarm: (at, ring) => outside.clock.alarm(at, () => (isDead ? undefined : ring())),
  }
  const [repository, runtime, terminals] = [live(outside.repository), live(outside.runtime), live(outside.terminals)]
  const { store, vault } = outside
  const dispatcher: Dispatcher = new Dispatcher(store, clock, initial, (commands) => executor.carryOut(commands))
  const state = () => dispatcher.state
  const dispatch = dispatcher.dispatch.bind(dispatcher)
  const sightings = new Sightings(clock)
  const executor: Executor = new Executor({
    clock,
    state,
    dispatch,
    runtime,
    terminals,
    repository,
    provisioning: new Provisioning({ state, runtime, terminals, vault, tokens: new LaunchTokens('simulated'), gatewayUrl: () => '' }),
    prompting: new Prompting({ state, runtime, terminals, sightings, clock }),
    swapping: new Swapping({ runtime, vault, sightings, clock }),
    checks: { commands: [], timeoutMs: 0 },
    parseTaskList,
    writeReport: async () => undefined,
  })
  const reconciler = new Reconciler({ dispatcher, runtime, terminals, sightings, clock, onTrouble: () => undefined })
  dispatcher.subscribe((change) => sightings.noteChange(change))
  const { head } = await outside.repository.ensureReady()
  dispatch({ type: 'server-started', rules, head, credentials: vault.list() })
  void reconciler.begin()
  return {
    dispatcher,
    desk: new Desk({ dispatcher, repository, runtime, targetBranch: 'main' }),
    crash() {
      isDead = true
    },
  }
}

/** What was asked of the world before the crash happens all the same; its answer is never heard. */
function untilDeath<Port extends object>(port: Port, isDead: () => boolean): Port {
  const never = new Promise<never>(() => undefined)
  return new Proxy(port, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver)
      if (typeof value !== 'function') return value
      return (...args: unknown[]): unknown => {
        if (isDead()) return never
        if (name === 'watch') {
          const [listener] = args as [(notice: unknown) => void]
          return Reflect.apply(value, target, [(notice: unknown) => (isDead() ? undefined : listener(notice))])
        }
        const answer: unknown = Reflect.apply(value, target, args)
        if (!(answer instanceof Promise)) return answer
        return answer.then(
          (result: unknown) => (isDead() ? never : result),
          (error: unknown) => {
            if (isDead()) return never
            throw error
          },
        )
      }
    },
  })
}
