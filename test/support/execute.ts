import { parseTaskList } from '../../src/adapters/markdown/task-list.ts'
import type { Command } from '../../src/core/model/command.ts'
import { LaunchTokens } from '../../src/engine/commands/launch-tokens.ts'
import type { NewEvent } from '../../src/engine/dispatch/dispatcher.ts'
import { Executor } from '../../src/engine/executor.ts'
import { AgentStatusTracker } from '../../src/engine/observe/agent-status.ts'
import { RunningChecks } from '../../src/engine/observe/running-checks.ts'
import type { CheckRunner } from '../../src/ports/checks.ts'
import { createFakeRepository, type FakeRepository } from '../fakes/repository.ts'
import { createFakeRuntime, type FakeRuntime } from '../fakes/runtime.ts'
import { createSkippingClock } from '../fakes/skipping-clock.ts'
import { createFakeTerminals } from '../fakes/terminals.ts'
import { createFakeVault } from '../fakes/vault.ts'
import { Run } from './run.ts'

interface Change {
  readonly repository?: Partial<FakeRepository>
  readonly workspaces?: Partial<FakeRuntime['workspaces']>
  readonly instances?: Partial<FakeRuntime['instances']>
  readonly check?: CheckRunner['run']
  readonly run?: Run
}

/** An executor among fakes, some with methods of the test, and the events that it dispatches. */
export function execute(
  commands: readonly Command[],
  { repository, workspaces, instances, check, run }: Change,
) {
  const events: NewEvent[] = []
  const runtime = createFakeRuntime()
  const clock = createSkippingClock()
  const runningChecks = new RunningChecks(clock)
  const executor = new Executor({
    ...runtime,
    workspaces: { ...runtime.workspaces, ...workspaces },
    instances: { ...runtime.instances, ...instances },
    repositoryOf: () => ({ ...createFakeRepository({ files: {} }), ...repository }),
    clock,
    terminals: createFakeTerminals(),
    vault: createFakeVault([]),
    tokens: new LaunchTokens('test'),
    agentStatus: new AgentStatusTracker(clock),
    runningChecks,
    checks: { commands: check === undefined ? [] : ['npm test'], timeoutMs: 0 },
    ...(check === undefined ? {} : { checkRunner: { run: check } }),
    state: () => (run ?? new Run()).state,
    gatewayUrl: () => '',
    parseTaskList,
    writeReport: async () => undefined,
    dispatch: (event) => events.push(event) > 0,
  })
  executor.execute(commands)
  return { events, executor, runningChecks }
}
