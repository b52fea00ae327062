import { setTimeout as sleep } from 'node:timers/promises'

interface Standing {
  readonly make: () => Promise<void>
  readonly stands: () => Promise<boolean>
  /** How long the change must have stayed without interruption. */
  readonly forMs: number
  /** After this the change is left as it is. */
  readonly withinMs: number
  readonly everyMs: number
}

interface Time {
  readonly now: () => number
  readonly sleep: (ms: number) => Promise<unknown>
}

const realTime: Time = { now: () => performance.now(), sleep: (ms) => sleep(ms) }

/** Makes a change, and makes it again whenever it was undone, until it has stayed for `forMs`. */
export async function retryUntilStable(
  { make, stands, forMs, withinMs, everyMs }: Standing,
  time: Time = realTime,
): Promise<void> {
  const begin = time.now()
  await make()
  let since = time.now()
  while (time.now() - since < forMs && time.now() - begin < withinMs) {
    await time.sleep(everyMs)
    if (await stands()) continue
    await make()
    since = time.now()
  }
}
