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

/** Makes a change, and makes it again whenever it was undone, until it has stayed for `forMs`. */
export async function retryUntilStable({
  make,
  stands,
  forMs,
  withinMs,
  everyMs,
}: Standing): Promise<void> {
  const [begin, now] = [performance.now(), () => performance.now()]
  await make()
  let since = now()
  while (now() - since < forMs && now() - begin < withinMs) {
    await sleep(everyMs)
    if (await stands()) continue
    await make()
    since = now()
  }
}
