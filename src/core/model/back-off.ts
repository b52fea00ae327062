import type { Policy } from './policy.ts'

/** 1 s, 2 s, 4 s … up to the cap. */
export function backOffMs(
  failures: number,
  policy: Pick<Policy, 'backOffMs' | 'backOffCapMs'>,
): number {
  return Math.min(policy.backOffMs * 2 ** Math.max(0, failures - 1), policy.backOffCapMs)
}
