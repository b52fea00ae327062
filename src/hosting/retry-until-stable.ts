import { setTimeout as sleep } from 'node:timers/promises'

interface Standing {
  readonly make: () => Promise<void>
  readonly stands: () => Promise<boolean>
  /** So long it has to have stood without a break. */
  readonly forMs: number
  /** Then it is left as it is. */
  readonly withinMs: number
  readonly everyMs: number
}

/** Makes something true, and true again whenever somebody else undoes it, until it has stood for a while. */
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
