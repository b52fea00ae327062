import type { InstanceId } from '../core/model/ids.ts'
import type { GatewayLimits } from './limits.ts'
import { refuse } from './refuse.ts'

/** One request's share of what its instance may use. */
export interface Permit extends Disposable {
  /** Throws when the instance would hold more than it may. */
  readonly hold: (bytes: number) => void
  /** The body is not needed any more. */
  readonly letGo: () => void
}

/** Keeps an instance that floods the gateway from taking the server's memory or the others' share of it. */
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
    const letGo = (): void => {
      use.heldBytes -= held
      held = 0
    }
    return {
      hold: (bytes) => {
        if (use.heldBytes + bytes > this.#limits.heldBytesPerInstance)
          throw refuse(503, `${instance} has too large requests open already`)
        use.heldBytes += bytes
        held += bytes
      },
      letGo,
      [Symbol.dispose]: () => {
        letGo()
        use.open -= 1
        if (use.open === 0) this.#uses.delete(instance)
      },
    }
  }
}
