import type { EventView } from '../../http/contract/event.ts'
import { readEvents } from './events.ts'
import { fetchStatus, isMerged, isOver, type Status } from './status.ts'

export interface Follower {
  readonly onEvent: (event: EventView) => void
  readonly onStatus: (status: Status) => void
}

/** Without news the status is asked for once a second; with news at most so often. */
const beatMs = 1_000
const pauseMs = 200

/** Only ends a hang: a run that repeats itself without a merge hangs, too. */
const stallMs = 600_000

/**
 * Watches a run until it is over and answers its last status; throws when nothing moves any more.
 */
export async function follow(
  url: string,
  token: string,
  follower: Follower,
  signal: AbortSignal,
): Promise<Status> {
  const ending = new AbortController()
  const until = AbortSignal.any([signal, ending.signal])
  const news = new News()
  let after = 0
  let progress = ''
  let movedAt = Date.now()
  const listening = keepListening(async () => {
    for await (const event of readEvents(url, token, after, until)) {
      after = Math.max(after, event.sequence)
      follower.onEvent(event)
      news.arrive()
    }
  }, until)
  try {
    for (;;) {
      const status = await fetchStatus(url, token)
      if (status) follower.onStatus(status)
      if (status && isOver(status)) return status
      if (status && progressOf(status) !== progress) {
        progress = progressOf(status)
        movedAt = Date.now()
      }
      if (Date.now() - movedAt > stallMs)
        throw new Error(`nothing was merged for ${stallMs / 1_000} s: ${describe(status)}`)
      await news.wait(beatMs, until)
      await pause(pauseMs, until)
      signal.throwIfAborted()
    }
  } finally {
    ending.abort()
    await listening
  }
}

const progressOf = ({ run, tasks }: Status): string =>
  `${run.phase} ${tasks.filter(isMerged).length}`

function describe(status: Status | null): string {
  if (status === null) return 'the server does not answer'
  const phases = status.instances.map(
    ({ id, phase, needs }) => `${id} ${phase}${needs === null ? '' : ` (needs ${needs})`}`,
  )
  return `the run is ${status.run.phase}, ${phases.join(', ')}`
}

/**
 * The stream is a convenience: when it breaks, the status is still polled, and it is opened again.
 */
async function keepListening(listen: () => Promise<void>, until: AbortSignal): Promise<void> {
  while (!until.aborted) {
    try {
      await listen()
    } catch {
      // The status, asked for anyway, says what is wrong with the server.
    }
    await pause(beatMs, until)
  }
}

class News {
  #wake: () => void = () => undefined

  arrive(): void {
    this.#wake()
  }

  wait(ms: number, until: AbortSignal): Promise<void> {
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    return Promise.race([woken, pause(ms, until)])
  }
}

function pause(ms: number, until: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (until.aborted) return resolve()
    const done = () => {
      clearTimeout(timer)
      until.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    until.addEventListener('abort', done)
  })
}
