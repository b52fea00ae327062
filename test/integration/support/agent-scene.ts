import { expect, vi } from 'vitest'
import { systemClock } from '../../../src/adapters/system/clock.ts'
import { recognise } from '../../../src/claude/screen/screen.ts'
import { type LineDelivery, typePrompt } from '../../../src/engine/commands/type-prompt.ts'
import type { Fault } from '../../../src/rehearsal/model/fault.ts'
import { startModel } from '../../../src/rehearsal/model/server.ts'
import type { Answer, MessagesRequest } from '../../../src/rehearsal/model/wire.ts'
import { createFakeAgentStatus } from '../../fakes/agent-status.ts'
import {
  anOrder,
  openRuntimeStage,
  processSubject,
  worker1 as worker,
} from '../../support/runtime-stage.ts'
import { cli } from '../../support/cli.ts'
import { startHookListener } from './hook-listener.ts'

export const patience = { timeout: 110_000, interval: 20 }

/**
 * The real Claude Code in a real terminal; only its model is scripted, and the test receives its
 * hooks.
 */
export async function openAgentScene(
  answerTo: (request: MessagesRequest) => Answer = () => ({
    blocks: [{ type: 'text', text: 'ok' }],
  }),
) {
  const agentStatus = createFakeAgentStatus()
  const seen = {
    prompts: [] as string[],
    ends: 0,
    starts: 0,
    clears: 0,
    fault: null as Fault | null,
  }
  const hooks = await startHookListener((fact) => {
    if (fact.type === 'prompt-confirmed') seen.prompts.push(fact.text)
    if (fact.type === 'turn-ended' || fact.type === 'turn-failed') seen.ends += 1
    if (fact.type === 'session-started') seen.starts += 1
    if (fact.type === 'session-started' && fact.source === 'clear') seen.clears += 1
  })
  const model = await startModel({
    host: '127.0.0.1',
    act: (request) => ({
      answer: answerTo(request),
      role: 'worker',
      prompt: null,
      complaint: null,
    }),
    faultFor: () => seen.fault,
  })
  const stage = await openRuntimeStage()
  const subject = processSubject(stage, cli, { serverUrl: () => hooks.url })
  const { runtime } = subject
  const watching = runtime.instances.watch(
    (notice) => notice.type === 'status' && agentStatus.say(worker, notice.status),
  )
  const { terminals } = stage

  const scene = {
    seen,
    terminals,
    agentStatus,
    send: (change: Partial<LineDelivery> & { line: string }) =>
      typePrompt(
        { instance: worker, tries: 1, ...change },
        { terminals, agentStatus, clock: systemClock },
      ),
    arrived: (...prompts: string[]) =>
      vi.waitFor(() => expect(seen.prompts).toEqual(prompts), patience),
    stands: (name: string, limit = patience) =>
      vi.waitFor(
        async () => expect(recognise(await terminals.screen(worker)).name).toBe(name),
        limit,
      ),
    /** Two Escapes open it, unless the first one still belongs to the turn that ends. */
    opensRewindMenu: () =>
      vi.waitFor(async () => {
        await terminals.press(worker, 'Escape')
        await terminals.press(worker, 'Escape')
        await scene.stands('rewind', { timeout: 5_000, interval: 20 })
      }, patience),
    says: (status: string) =>
      vi.waitFor(() => expect(agentStatus.statusOf(worker)).toBe(status), patience),
    ended: (turns: number) =>
      vi.waitFor(() => expect(seen.ends).toBe(turns), { ...patience, interval: 1 }),
    cleared: (times: number) =>
      vi.waitFor(() => expect(seen.clears).toBe(times), { ...patience, interval: 1 }),
    async close() {
      watching[Symbol.dispose]()
      await subject.close()
      await Promise.all([model[Symbol.asyncDispose](), hooks.close()])
    },
  }
  const credentialEnvironment = {
    CLAUDE_CODE_OAUTH_TOKEN: 'fake-oauth-token',
    ANTHROPIC_BASE_URL: model.url,
  }
  await runtime.instances.ensureRunning(anOrder({ credentialEnvironment }))
  await subject.show(worker)
  await vi.waitFor(() => expect(seen.starts).toBe(1), patience)
  await scene.says('idle')
  return scene
}
