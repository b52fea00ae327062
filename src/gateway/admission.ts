import type { InstanceId } from '../core/model/ids.ts'
import type { GatewayLimits } from './limits.ts'
import { refuse } from '../lib/refuse.ts'

/** One request's part of the limits of its instance. */
export interface Permit extends Disposable {
  /** Throws when the instance would exceed its limit. */
  readonly hold: (bytes: number) => void
  /** Gives back what was held: the body is not needed any more. */
  readonly release: () => void
}

/** Prevents an instance that floods the gateway from exhausting the server's memory. */
export class Admission {
  readonly #limits: GatewayLimits
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
      release,
      [Symbol.dispose]: () => {
        release()
        use.open -= 1
        if (use.open === 0) this.#uses.delete(instance)
      },
    }
  }
}
