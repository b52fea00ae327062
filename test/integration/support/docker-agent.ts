import { expect, vi } from 'vitest'
import type { InstanceId } from '../../../src/core/model/ids.ts'
import type { LaunchOrder } from '../../../src/ports/instances.ts'
import { anOrder, dockerSubject, openRuntimeStage, worker1 } from '../../support/runtime-stage.ts'
import { sendLine } from './send-line.ts'
import { startStandIn } from './stand-in.ts'
import { untilHooks } from './until-hooks.ts'

/** Only ends a hang. */
export const patience = { timeout: 110_000, interval: 20 }

/** The real Claude Code in containers, with a stand-in for the model's API and for the server. */
export async function openDockerAgents(files?: Readonly<Record<string, string>>) {
  const stage = await openRuntimeStage(files)
  let url = ''
  const subject = dockerSubject(stage, { serverUrl: () => url })
  await subject.runtime.ensureUsable()
  const standIn = await startStandIn((await subject.runtime.serverAddress(0)).listenOn ?? '')
  url = standIn.url

  return {
    stage,
    subject,
    standIn,

    async start(changes: Partial<LaunchOrder> = {}): Promise<void> {
      const order = anOrder({
        credentialEnvironment: {
          CLAUDE_CODE_OAUTH_TOKEN: 'oauth-token-1',
          ANTHROPIC_BASE_URL: url,
        },
        ...changes,
      })
      await subject.runtime.instances.ensureRunning(order)
      await subject.show(order.instance)
      await vi.waitFor(
        () =>
          expect(standIn.hooks).toContainEqual(
            expect.objectContaining({ event: 'SessionStart', launch: String(order.launch) }),
          ),
        patience,
      )
      await vi.waitFor(
        () => expect(subject.runtime.instances.status(order.instance)).toBe('idle'),
        patience,
      )
    },

    /** Types a prompt and waits until its turn is over; answers the request that it led to. */
    async prompt(text: string, instance: InstanceId = worker1) {
      const stops = standIn.hooks.filter(({ event }) => event === 'Stop').length
      await sendLine({ stage, subject, standIn }, text, instance)
      expect(await untilHooks({ subject, standIn }, 'Stop', stops + 1, instance)).toHaveLength(
        stops + 1,
      )
      return standIn.requests.findLast(({ body }) => body.includes(text))
    },

    async close(): Promise<void> {
      await subject.close()
      await standIn.close()
    },
  }
}

export type DockerAgents = Awaited<ReturnType<typeof openDockerAgents>>
