import { parseTaskList } from '../../src/adapters/markdown/task-list.ts'
import type { Decision } from '../../src/core/decide.ts'
import { initialState } from '../../src/core/model/initial-state.ts'
import { RunId } from '../../src/core/model/ids.ts'
import type { Policy } from '../../src/core/model/policy.ts'
import { WorkerApi } from '../../src/engine/worker-api.ts'
import { type Change, Dispatcher, type NewEvent } from '../../src/engine/dispatch/dispatcher.ts'
import { Executor } from '../../src/engine/executor.ts'
import { PromptSender } from '../../src/engine/commands/send-prompt.ts'
import { InstanceStarter } from '../../src/engine/commands/start-instance.ts'
import { Reconciler } from '../../src/engine/observe/reconciler.ts'
import { AgentStatusTracker } from '../../src/engine/observe/agent-status.ts'
import { CredentialRotator } from '../../src/engine/commands/rotate-credential.ts'
import { LaunchTokens } from '../../src/engine/commands/launch-tokens.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { Repository } from '../../src/ports/repository.ts'
import type { Runtime } from '../../src/ports/runtime.ts'
import type { Store } from '../../src/ports/store.ts'
import type { Terminals } from '../../src/ports/terminals.ts'
import type { Vault } from '../../src/ports/vault.ts'
import type { Life } from './ports.ts'

export interface Outside {
  readonly clock: Clock
  readonly store: Store
  readonly repository: Repository
  readonly runtime: Runtime
  readonly terminals: Terminals
  readonly vault: Vault
}

export interface SimulatedServer {
  readonly life: Life
  readonly dispatcher: Dispatcher
  readonly desk: WorkerApi
  readonly dispatch: (fact: NewEvent) => Decision
  /** It takes nothing any more. */
  isStopping(): boolean
  /** What comes after it listens: the run begins or goes on. Rejects when the process would end with a message. */
  begin(): Promise<void>
  /** What SIGTERM does: nothing more is begun, what has begun is finished. */
  close(): Promise<void>
}

/** Puts the real engine together as `wiring.ts` does, in one life: with it ends whatever it would do, or be told. */
export async function startServer(
  outside: Outside,
  rules: Policy,
  life: Life,
  tell: (change: Change) => void,
): Promise<SimulatedServer> {
  const { store, repository, runtime, terminals, vault } = outside
  const clock: Clock = {
    now: () => outside.clock.now(),
    alarm: (at, ring) => outside.clock.alarm(at, () => (life.isOver ? undefined : ring())),
  }
  const { head } = await repository.ensureReady()
  const initial = initialState(RunId('simulated'), rules, head, clock.now())
  const dispatcher: Dispatcher = new Dispatcher(store, clock, initial, (commands) =>
    executor.execute(commands),
  )
  const state = () => dispatcher.state
  const sightings = new AgentStatusTracker(clock)
  const executor: Executor = new Executor({
    clock,
    state,
    dispatch: dispatcher.enqueue.bind(dispatcher),
    runtime,
    terminals,
    repository,
    provisioning: new InstanceStarter({
      state,
      runtime,
      terminals,
      vault,
      tokens: new LaunchTokens('simulated'),
      gatewayUrl: () => '',
    }),
    prompting: new PromptSender({ state, runtime, terminals, sightings, clock }),
    swapping: new CredentialRotator({ runtime, vault, sightings, clock }),
    checks: { commands: ['test'], timeoutMs: 60_000 },
    parseTaskList,
    writeReport: async () => undefined,
  })
  const reconciler = new Reconciler({
    dispatcher,
    runtime,
    terminals,
    sightings,
    clock,
    onTrouble: () => undefined,
  })
  dispatcher.subscribe((change) => {
    if (life.isOver) return
    sightings.noteChange(change)
    tell(change)
  })
  dispatcher.watchWriteOutage((standstill) => {
    if (standstill === null && !life.isOver) reconciler.collect().catch(() => undefined)
  })
  let isStopping = false
  return {
    life,
    dispatcher,
    desk: new WorkerApi({ dispatcher, repository, runtime, targetBranch: 'main' }),
    dispatch: (fact) => dispatcher.dispatch(fact),
    isStopping: () => isStopping,
    async begin() {
      await runtime.ensureUsable()
      dispatcher.dispatch({ type: 'server-started', rules, head, credentials: vault.list() })
      vault.watch(({ credentials, changed }) => {
        if (!life.isOver && !isStopping)
          dispatcher.enqueue({ type: 'credentials-changed', credentials, changed })
      })
      await reconciler.begin()
    },
    async close() {
      await reconciler[Symbol.asyncDispose]()
      await executor.close()
      isStopping = true
      dispatcher[Symbol.dispose]()
    },
  }
}
