import { vi } from 'vitest'
import type { InstanceId } from '../../../src/core/model/ids.ts'
import { worker1, type Subject } from '../../support/runtime-stage.ts'
import type { HookPost, StandIn } from './stand-in.ts'

interface HookParts {
  readonly subject: Subject
  readonly standIn: StandIn
}

const roundMs = 5_000
/** Only ends a hang. */
const rounds = 22

/**
 * Waits for `count` hooks of an event. A hook gives up after two seconds and leaves its event to
 * the next one or to the server, which collects what is left; so does this.
 */
export async function untilHooks(
  { subject, standIn }: HookParts,
  event: string,
  count: number,
  instance: InstanceId = worker1,
): Promise<readonly HookPost[]> {
  const arrived = () => standIn.hooks.filter((hook) => hook.event === event)
  for (let round = 1; round <= rounds; round += 1) {
    const enough = await vi
      .waitUntil(() => arrived().length >= count, { timeout: roundMs, interval: 20 })
      .catch(() => false)
    if (enough) return arrived()
    await subject.runtime.workspaces.runTool(instance, ['hook', '--drain'])
  }
  const came = standIn.hooks.map((hook) => hook.event).join(', ')
  throw new Error(`${event} came ${arrived().length} times, not ${count}; all hooks: ${came}`)
}
