import { teamOf } from '../core/model/roles.ts'
import type { Mistake } from './mistakes.ts'
import type { Settings } from './schema.ts'

/** Checks that every instance can have a credential. Files beyond that allow rotation. */
export function credentialMistakes(
  { workerCount, limits }: Partial<Settings>,
  files: readonly string[],
): readonly Mistake[] {
  const path = ['claudeConfigs']
  if (files.length === 0) {
    return [
      {
        path,
        what: 'matches no file',
        remedy:
          'put at least one credential file there (see docs/configuration.md), or correct the glob',
      },
    ]
  }
  const found = files.length
  const instances = teamOf({ workerCount: workerCount ?? 0 }).length
  const shared = limits?.instancesPerCredential ?? 1
  const needed = Math.ceil(instances / shared)
  if (found >= needed) return []
  const affordable = found * shared - teamOf({ workerCount: 0 }).length
  const remedies = [
    `add ${needed - found}`,
    ...(affordable > 0 ? [`lower "workerCount" to ${affordable}`] : []),
    `set "limits.instancesPerCredential" to ${Math.ceil(instances / found)}`,
  ]
  return [
    {
      path,
      what: `matches ${found} of the ${needed} files that the Manager and "workerCount" need`,
      remedy: remedies.join(', or '),
    },
  ]
}
