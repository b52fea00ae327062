import type { InstanceId } from '../../src/core/model/ids.ts'
import { isRunning } from '../../src/core/model/instance.ts'
import type { State } from '../../src/core/model/state.ts'
import type { Instances } from '../../src/ports/instances.ts'
import type { Violations } from './violation.ts'

/**
 * At ten seconds each it is two minutes: the server itself looks every ten seconds, and some of its
 * looks fail.
 */
const mostLooks = 12

/**
 * Checks from time to time that every instance recorded as running does run: deaths without a
 * notice must be seen, too.
 */
export class LivenessCheck {
  readonly #missing = new Map<InstanceId, number>()

  /** `state` is null while there is no server that could look. */
  async look(
    state: State | null,
    instances: Pick<Instances, 'listRunning'>,
    violations: Violations,
  ): Promise<void> {
    const running = state === null ? null : await instances.listRunning().catch(() => null)
    if (running === null) return this.#missing.clear()
    for (const { id, phase, launch } of state?.instances.values() ?? []) {
      const isThere = running.some((one) => one.instance === id && one.launch === launch)
      const looks = isThere || !isRunning(phase) ? 0 : (this.#missing.get(id) ?? 0) + 1
      this.#missing.set(id, looks)
      if (looks > mostLooks)
        violations.add('deaths are seen', `${id} does not run, and is recorded as ${phase.name}`)
    }
  }
}
