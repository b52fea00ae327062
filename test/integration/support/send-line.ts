import { expect, vi } from 'vitest'
import { systemClock } from '../../../src/adapters/system/clock.ts'
import type { InstanceId } from '../../../src/core/model/ids.ts'
import { typePrompt } from '../../../src/engine/commands/type-prompt.ts'
import { AgentStatusTracker } from '../../../src/engine/observe/agent-status.ts'
import { worker1, type RuntimeStage, type Subject } from '../../support/runtime-stage.ts'
import type { StandIn } from './stand-in.ts'

/** Only ends a hang. */
const patience = { timeout: 110_000, interval: 20 }
/** Within it, a line that Claude Code took is reported, also on a busy machine. */
const reportMs = 20_000
const maxTries = 5

interface LineParts {
  readonly stage: RuntimeStage
  readonly subject: Subject
  readonly standIn: StandIn
}

/**
 * Types a line as the server does: when Claude Code is not busy, and again, after a look at the
 * screen, while no hook reports its arrival. Keys alone may be lost while Claude Code draws.
 */
export async function sendLine(
  { stage: { terminals }, subject, standIn }: LineParts,
  line: string,
  instance: InstanceId = worker1,
): Promise<void> {
  const { instances } = subject.runtime
  const agentStatus = new AgentStatusTracker(systemClock)
  const arrivals = () => standIn.hooks.filter(({ event }) => event === 'UserPromptSubmit').length
  const before = arrivals()
  for (let tries = 1; tries <= maxTries && arrivals() === before; tries += 1) {
    await vi.waitFor(
      () => expect(['idle', 'waiting']).toContain(instances.status(instance)),
      patience,
    )
    agentStatus.setStatus(instance, instances.status(instance))
    await typePrompt({ instance, line, tries }, { terminals, agentStatus, clock: systemClock })
    await vi
      .waitUntil(() => arrivals() > before, { timeout: reportMs, interval: 20 })
      .catch(() => subject.runtime.workspaces.runTool(instance, ['hook', '--drain']))
  }
  expect(arrivals()).toBe(before + 1)
}
