import { setTimeout as delay } from 'node:timers/promises'
import type { Line } from '../model/server.ts'
import type { MessagesRequest } from '../model/wire.ts'

type Act = (request: MessagesRequest, signal: AbortSignal) => Promise<Line>

/** Takes its time before every answer, as a real model does. */
export function withThinking(ms: number | (() => number), act: Act): Act {
  return async (request, signal) => {
    await delay(typeof ms === 'number' ? ms : ms(), undefined, { signal }).catch(() => undefined)
    return act(request, signal)
  }
}
