import type { InstanceId } from '../core/model/ids.ts'
import type { GatewayLimits } from './limits.ts'
import { refuse } from '../lib/refuse.ts'
import { TokenBucket } from '../lib/token-bucket.ts'

/** One request's part of the limits of its instance. */
export interface Permit extends Disposable {
  /** Throws when the instance would exceed its limit. */
  readonly hold: (bytes: number) => void
  /** Resolves when the body that was held may be looked at. */
  readonly turn: () => Promise<void>
  /** Gives back what was held: the body is not needed any more. */
  readonly release: () => void
}

/** The bodies of one instance, one after the other. */
interface Volume {
  readonly bucket: TokenBucket
  last: Promise<void>
}

/** Prevents an instance that floods the gateway from exhausting the server's memory and time. */
export class Admission {
  readonly #limits: GatewayLimits
  /** At most one for each instance that there ever was. */
  readonly #volumes = new Map<InstanceId, Volume>()
  readonly #uses = new Map<InstanceId, { open: number; heldBytes: number }>()

  constructor(limits: GatewayLimits) {
    this.#limits = limits
  }

  enter(instance: InstanceId): Permit {
    const use = this.#uses.get(instance) ?? { open: 0, heldBytes: 0 }
    if (use.open >= this.#limits.openPerInstance)
      throw refuse(503, `${instance} has ${use.open} requests open already`)
    this.#uses.set(instance, use)
    use.open += 1
    let held = 0
    const release = (): void => {
      use.heldBytes -= held
      held = 0
    }
    return {
      hold: (bytes) => {
        if (use.heldBytes + bytes > this.#limits.heldBytesPerInstance)
          throw refuse(503, `${instance} has requests open that are too large together`)
        use.heldBytes += bytes
        held += bytes
      },
      turn: () => this.#turn(instance, held),
      release,
      [Symbol.dispose]: () => {
        release()
        use.open -= 1
        if (use.open === 0) this.#uses.delete(instance)
      },
    }
  }

  #turn(instance: InstanceId, bytes: number): Promise<void> {
    const bucket = new TokenBucket(this.#limits.volume, performance.now())
    const volume = this.#volumes.get(instance) ?? { bucket, last: Promise.resolve() }
    this.#volumes.set(instance, volume)
    volume.last = volume.last.then(async () => {
      const waitMs = volume.bucket.take(performance.now())
      if (waitMs > 0) await pause(waitMs)
      volume.bucket.charge(bytes, performance.now())
    })
    return volume.last
  }
}

/** Does not keep the process running. */
const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => void setTimeout(resolve, ms).unref())
