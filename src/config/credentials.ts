import type { Mistake } from './mistakes.ts'
import type { Settings } from './schema.ts'

/** Whether there are files for everyone at once; more than that leaves some to change to. */
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
        remedy: 'put at least one credential file there (README.md shows how), or correct the glob',
      },
    ]
  }
  const instances = (workerCount ?? 0) + 1
  const shared = limits?.instancesPerCredential ?? 1
  const needed = Math.ceil(instances / shared)
  if (files.length >= needed) return []
  const affordable = files.length * shared - 1
  const remedies = [
    `add ${needed - files.length}`,
    ...(affordable > 0 ? [`lower "workerCount" to ${affordable}`] : []),
    `set "limits.instancesPerCredential" to ${Math.ceil(instances / files.length)}`,
  ]
  return [
    {
      path,
      what: `matches ${files.length} of the ${needed} files that the Manager and "workerCount" need`,
      remedy: remedies.join(', or '),
    },
  ]
}
