import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { z } from 'zod'
import type { InstanceId, Launch, RunId } from '../../core/ids.ts'
import type { Engine } from './engine.ts'
import { labelNames, launchOf } from './labels.ts'

export interface Death {
  readonly container: string
  readonly instance: InstanceId
  readonly launch: Launch
}

interface Listeners {
  readonly died: (death: Death) => void
  /** The stream is open, for the first time or again: whatever died before it has to be looked for now. Rejecting means trying again. */
  readonly connected: () => Promise<void>
}

const eventShape = z.object({ Actor: z.object({ ID: z.string(), Attributes: z.record(z.string(), z.string()) }) })

const FIRST_RETRY_MS = 250
const LAST_RETRY_MS = 5_000

/** Listens for the engine's `die` events for as long as it is wanted; an engine that is away is asked again and again. */
export function listenForDeaths({ api }: Engine, run: RunId, { died, connected }: Listeners): Disposable {
  const label = [`${labelNames.run}=${run}`]
  let isWanted = true
  let stream: Readable | null = null
  let timer: NodeJS.Timeout | undefined

  const connect = async (retryMs: number): Promise<void> => {
    let isConnected = false
    try {
      stream = (await api.getEvents({ filters: { type: ['container'], event: ['die'], label } })) as Readable
      if (!isWanted) return void stream.destroy()
      const ended = readEvents(stream, died)
      await connected()
      isConnected = true
      await ended
    } catch {
      // Whoever needs the engine now hears of its absence from the call itself.
    }
    stream?.destroy()
    if (!isWanted) return
    timer = setTimeout(() => void connect(Math.min(isConnected ? FIRST_RETRY_MS : retryMs * 2, LAST_RETRY_MS)), retryMs)
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

/** Resolves when the stream is over, for whatever reason. */
async function readEvents(stream: Readable, died: (death: Death) => void): Promise<void> {
  const lines = createInterface({ input: stream })
  const over = new Promise<void>((resolve) => stream.once('close', resolve).once('error', () => resolve()))
  lines.on('line', (line) => {
    const event = parse(line)
    const launch = event === null ? null : launchOf(event.Attributes)
    if (event !== null && launch !== null) died({ container: event.ID, ...launch })
  })
  await over
  lines.close()
}

function parse(line: string): z.output<typeof eventShape>['Actor'] | null {
  try {
    return eventShape.parse(JSON.parse(line)).Actor
  } catch {
    return null
  }
}
