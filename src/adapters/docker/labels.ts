import { InstanceId, type Launch, type RunId } from '../../core/model/ids.ts'
import type { Role } from '../../core/model/roles.ts'

const prefix = 'claude-code-orchestrator'

export const labelNames = {
  run: `${prefix}.run`,
  instance: `${prefix}.instance`,
  role: `${prefix}.role`,
  launch: `${prefix}.launch`,
} as const

type Labels = Readonly<Record<string, string>>

export function instanceLabels(
  run: RunId,
  instance: InstanceId,
  role: Role,
  launch: Launch,
): Labels {
  return {
    [labelNames.run]: run,
    [labelNames.instance]: instance,
    [labelNames.role]: role,
    [labelNames.launch]: String(launch),
  }
}

/** Null for a container of the run that is not an instance, such as a check. */
export function launchOf(
  labels: Labels,
): { readonly instance: InstanceId; readonly launch: Launch } | null {
  const instance = labels[labelNames.instance]
  const launch = Number(labels[labelNames.launch])
  return instance === undefined || !Number.isSafeInteger(launch)
    ? null
    : { instance: InstanceId(instance), launch }
}
