import type { CheckFailure } from '../../core/model/base-verdict.ts'
import type { Commit } from '../../core/model/ids.ts'
import type { GateParts } from './gates/gate.ts'

/**
 * Runs the checks on a commit of the branch, without the work of a task. Null when they pass; also
 * when there are none.
 */
export async function checkBase(
  commit: Commit,
  { checkRunner, checks: { commands, timeoutMs } }: GateParts,
): Promise<CheckFailure | null> {
  if (commands.length === 0) return null
  const { ok, output, position = 0 } = await checkRunner.run(commit, commands, timeoutMs)
  return ok ? null : { commit, command: commands[position] ?? '', position, output }
}
