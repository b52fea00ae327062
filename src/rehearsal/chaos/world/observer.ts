import { setTimeout as delay } from 'node:timers/promises'
import { fetchStatusOf, type Status } from '../../runner/status.ts'

/** What the server says of itself at one moment. */
export interface View {
  readonly at: number
  readonly isReady: boolean
  readonly status: Status | null
}

const beatMs = 250

/** Looks at the server several times a second, whether it answers or not. */
export async function observe(
  url: string,
  /** Its state directory. */
  state: string,
  onView: (view: View) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const [ready, status] = await Promise.all([
      fetch(new URL('/readyz', url), { signal: AbortSignal.timeout(2_000) }).catch(() => null),
      fetchStatusOf(url, state).catch(() => null),
    ])
    onView({ at: Date.now(), isReady: ready?.ok === true, status })
    await delay(beatMs, undefined, { signal }).catch(() => undefined)
  }
}
