import { InstanceId, type Launch, type RunId } from '../../core/model/ids.ts'
import type { FoundRecord, LaunchRecord } from '../../hosting/outdated.ts'
import type { Role } from '../../core/model/roles.ts'

const prefix = 'claude-code-orchestrator'

export const labelNames = {
  run: `${prefix}.run`,
  instance: `${prefix}.instance`,
  role: `${prefix}.role`,
  launch: `${prefix}.launch`,
  image: `${prefix}.image`,
  protocol: `${prefix}.protocol`,
} as const

type Labels = Readonly<Record<string, string>>

export function instanceLabels(
  run: RunId,
  instance: InstanceId,
  role: Role,
  launch: Launch,
  record: LaunchRecord | null,
): Labels {
  return {
    [labelNames.image]: record?.build ?? '',
    [labelNames.protocol]: record?.protocol ?? '',
    [labelNames.run]: run,
    [labelNames.instance]: instance,
    [labelNames.role]: role,
    [labelNames.launch]: String(launch),
  }
}

/** Containers of servers before these labels have none. */
export const recordIn = (labels: Labels): FoundRecord => ({
  build: labels[labelNames.image],
  protocol: labels[labelNames.protocol],
})

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
