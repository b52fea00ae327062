import { z } from 'zod'
import type {
  BackupId,
  Commit,
  CredentialId,
  InstanceId,
  LineId,
  RepositoryId,
  RunId,
  TaskId,
} from '../../../core/model/ids.ts'

/** A string that became an id at the edge; the row that holds it has a checksum. */
const id = <Id extends string>() => z.custom<Id>((value) => typeof value === 'string')

export const instanceId = id<InstanceId>()
export const taskId = id<TaskId>()
export const credentialId = id<CredentialId>()
export const lineId = id<LineId>()
export const repositoryId = id<RepositoryId>()
export const runId = id<RunId>()
export const backupId = id<BackupId>()
export const commit = id<Commit>()

/** Milliseconds since the epoch. */
export const instant = z.number()
/** The number of a launch, from 0. */
export const launch = z.int().nonnegative()
export const count = z.int().nonnegative()

/** What a phase holds that waits for a command: `Retry` of the core. */
export const retry = { tries: count, until: instant, reason: z.string().nullable() }

/** A phase: its name, since when, and what belongs to it. */
export function phase<Name extends string, Shape extends z.core.$ZodLooseShape>(
  name: Name | readonly [Name, ...Name[]],
  shape: Shape,
) {
  const names = typeof name === 'string' ? z.literal(name) : z.literal([...name])
  return z.strictObject({ name: names, since: instant, ...shape })
}
