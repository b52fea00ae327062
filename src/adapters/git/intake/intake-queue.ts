import type { InstanceId } from '../../../core/model/ids.ts'
import { SerialQueue } from '../../../lib/serial-queue.ts'

/**
 * One intake per instance at a time: each may take the disk space, the memory and the time of its
 * limits.
 */
export class IntakeQueue {
  readonly #queue = new SerialQueue<InstanceId>()
  readonly #waiting = new Map<InstanceId, number>()

  /** Runs the job when the instance's earlier ones have ended. */
  async run<Value>(instance: InstanceId, job: () => Promise<Value>): Promise<Value> {
    this.#count(instance, 1)
    try {
      return await this.#queue.run(instance, job)
    } finally {
      this.#count(instance, -1)
    }
  }

  /** Whether one runs and another one waits: more of them would only repeat what these do. */
  isFull(instance: InstanceId): boolean {
    return (this.#waiting.get(instance) ?? 0) >= 2
  }

  #count(instance: InstanceId, by: number): void {
    const count = (this.#waiting.get(instance) ?? 0) + by
    if (count === 0) this.#waiting.delete(instance)
    else this.#waiting.set(instance, count)
  }
}
