import { CredentialId } from '../../src/core/model/ids.ts'
import type { Instance } from '../../src/core/model/instance.ts'
import type { Run } from './run.ts'

/** One event that may arrive next, about the `n`th task, instance …; none if there is no such. */
export type Step = (run: Run, n: number) => unknown

export const nth = <Each>(all: Iterable<Each>, n: number): Each | undefined => {
  const list = [...all]
  return list[n % Math.max(1, list.length)]
}
/** A step of the `n`th instance. */
export const instance =
  (act: (run: Run, instance: Instance, n: number) => unknown): Step =>
  (run, n) => {
    const found = nth(run.state.instances.values(), n)
    return found && act(run, found, Math.floor(n / 7))
  }

export const key = (n: number): CredentialId => CredentialId(`key-${(n % 4) + 1}`)
