import type { Readable } from 'node:stream'
import { z } from 'zod'
import type { InstanceId, Launch, RunId } from '../../core/model/ids.ts'
import { beginning } from './answer-limit.ts'
import type { Engine } from './engine.ts'
import { labelNames, launchOf } from './labels.ts'

export interface Death {
  readonly container: string
  readonly instance: InstanceId
  readonly launch: Launch
}

interface Listeners {
  readonly died: (death: Death) => void
  /**
   * The stream is open, for the first time or again: deaths before this moment must be looked for
   * now. `wasAway`: the engine did not answer for a while. A rejection leads to another attempt.
   */
  readonly connected: (wasAway: boolean) => Promise<void>
}

const eventShape = z.object({
  Actor: z.object({ ID: z.string(), Attributes: z.record(z.string(), z.string()) }),
})

const FIRST_RETRY_MS = 250
const LAST_RETRY_MS = 5_000

/**
 * Listens for the engine's `die` events until disposed; reconnects for as long as the engine is
 * away.
 */
export function listenForDeaths(
  { streams, answerLimitMs }: Engine,
  run: RunId,
  { died, connected }: Listeners,
): Disposable {
  const label = [`${labelNames.run}=${run}`]
  let isWanted = true
  let stream: Readable | null = null
  let timer: NodeJS.Timeout | undefined
  let wasAway = false

  const connect = async (retryMs: number): Promise<void> => {
    let isConnected = false
    try {
      stream = (await beginning(answerLimitMs, (abortSignal) =>
        streams.getEvents({
          filters: { type: ['container'], event: ['die'], label },
          abortSignal,
        }),
      )) as Readable
      // The connection may break at any time; the loop that reads it gets the error.
      stream.on('error', () => undefined)
      if (!isWanted) return void stream.destroy()
      await connected(wasAway)
      isConnected = true
      wasAway = false
      for await (const line of linesOf(stream)) reportDeath(line, died)
    } catch {
      // A caller that needs the engine now gets the error from its own call.
    }
    stream?.destroy()
    if (!isWanted) return
    wasAway ||= !isConnected
    const waitMs = isConnected ? FIRST_RETRY_MS : retryMs
    timer = setTimeout(() => void connect(Math.min(waitMs * 2, LAST_RETRY_MS)), waitMs)
  }
  void connect(FIRST_RETRY_MS)

  return {
    [Symbol.dispose]() {
      isWanted = false
      clearTimeout(timer)
      stream?.destroy()
    },
  }
}

async function* linesOf(stream: Readable): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of stream.setEncoding('utf8') as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}

function reportDeath(line: string, died: Listeners['died']): void {
  const event = parse(line)
  const launch = event === null ? null : launchOf(event.Attributes)
  if (event !== null && launch !== null) died({ container: event.ID, ...launch })
}

function parse(line: string): z.output<typeof eventShape>['Actor'] | null {
  try {
    return eventShape.parse(JSON.parse(line)).Actor
  } catch {
    return null
  }
}
