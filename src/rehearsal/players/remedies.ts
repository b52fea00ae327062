import { call, type Step } from './step.ts'

/**
 * The command by which a refusal says how to mend the branch: to put one's own name into commits,
 * or to take in commits that were handed in before; null in any other text.
 */
export function remedyIn(reason: string): Step | null {
  const command =
    /own name into these with\n(.+)$/m.exec(reason)?.[1] ??
    /into your branch with (git merge [0-9a-f]+)/.exec(reason)?.[1]
  return command === undefined ? null : call('Bash', { command, description: 'Mend the branch' })
}
