import { accessMutants } from './access.ts'
import { checkMutants } from './checks.ts'
import { credentialMutants, gatewayMutants } from './credentials.ts'
import { discardMutants, memoryMutants } from './git.ts'
import { hostMutants } from './hosts.ts'
import type { Mutant } from './mutant.ts'
import { lineMutants, originMutants } from './origin.ts'
import { planMutants } from './plan.ts'
import { protectedMutants } from './protected.ts'
import { startMutants } from './start.ts'
import { hungTurnMutants, preparationMutants, upgradeMutants, waitMutants } from './waits.ts'
import { effectMutants, launchMutants, mergeMutants } from './work.ts'

export const mutants: readonly Mutant[] = [
  ...planMutants,
  ...originMutants,
  ...lineMutants,
  ...mergeMutants,
  ...launchMutants,
  ...effectMutants,
  ...waitMutants,
  ...hungTurnMutants,
  ...startMutants,
  ...preparationMutants,
  ...upgradeMutants,
  ...discardMutants,
  ...memoryMutants,
  ...checkMutants,
  ...accessMutants,
  ...hostMutants,
  ...protectedMutants,
  ...credentialMutants,
  ...gatewayMutants,
]

/** How often `part` occurs in `text`. */
const occurrences = (text: string, part: string): number => text.split(part).length - 1

/**
 * Why the mutant does not fit the sources, as a sentence; null when it does. `read` gives the text
 * of a file, from the root of the repository.
 */
export function objectionTo(
  { file, find, replace, killedBy }: Mutant,
  read: (file: string) => string,
): string | null {
  if (find === replace) return 'it changes nothing'
  const places = occurrences(read(file), find)
  if (places !== 1) return `its text occurs ${places} times in ${file}`
  const tests = occurrences(read(killedBy.file), `it('${killedBy.test}'`)
  return tests === 1 ? null : `its test occurs ${tests} times in ${killedBy.file}`
}
