import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { checkOrigin } from '../adapters/git/check-origin.ts'
import type { GitRepositoryOptions } from '../adapters/git/repository.ts'
import { type StateDirectory, writeWhole } from '../adapters/system/state-directory.ts'
import type { Configuration } from '../config/configuration.ts'
import {
  type LastRun,
  type OriginVerdict,
  type SettingChange,
  settingChanges,
  type StartSettings,
} from '../config/setting-changes.ts'
import type { ChangedSetting } from '../core/model/event.ts'
import type { State } from '../core/model/state.ts'
import { type Outbound, plainOutbound } from '../outbound/outbound.ts'
import { describeProblems, type Problem } from '../lib/problem.ts'
import { fingerprintOf, proxyOfInstances } from './outbound.ts'
import { UnusableConfiguration } from './unusable-configuration.ts'

/** The settings as this start uses them. */
export function startSettings(
  configuration: Configuration,
  serverUrl: string,
  outbound: Outbound = plainOutbound,
): StartSettings {
  const { branch, runtime, image, model, environment, resources, policy, publish, protect } =
    configuration
  return {
    repositoryUrl: withoutUser(configuration.repositoryUrl),
    branch,
    publishTo: publish.to === 'none' ? null : publish.branch,
    workerCount: policy.workerCount,
    runtime,
    network: runtime === 'docker' ? configuration.network : null,
    isolation: runtime === 'docker' ? configuration.isolation : null,
    instanceProxy: proxyOfInstances(configuration, outbound),
    certificates: fingerprintOf(outbound),
    image: runtime === 'docker' ? image : null,
    model,
    credentials: policy.credentials,
    protect,
    environment,
    resources: runtime === 'docker' ? resources : null,
    diskMb: runtime === 'docker' ? configuration.diskMb : null,
    serverUrl,
  }
}

/** A user name and a password may change with each token, and do not belong into this file. */
const withoutUser = (url: string): string => url.replace(/^(https?:\/\/)[^/@]*@/i, '$1')

/**
 * What the last start on this state left. Where it was an older server, which recorded nothing, the
 * hub still has the branch.
 */
export function readLastRun(directory: StateDirectory, stored: State | null): LastRun {
  const hasBegun =
    stored !== null &&
    (stored.tasks.size > 0 || [...stored.instances.values()].some(({ launch }) => launch > 0))
  const branch = stored === null ? null : branchOf(directory.hub)
  return {
    settings: { ...(branch === null ? {} : { branch }), ...readRecord(directory) },
    hasBegun,
    stateDirectory: directory.path,
  }
}

/** After the run has taken the settings: a start that fails before leaves those of the last one. */
export function recordStart(directory: StateDirectory, settings: StartSettings): void {
  writeWhole(recordOf(directory), `${JSON.stringify(settings, null, 2)}\n`)
}

/**
 * Compares the configuration with that of the last start. Throws, with a remedy for each, when some
 * changes cannot be carried out. The result is what changed, where instances reach the server at
 * the given URL.
 */
export async function compareSettings(
  configuration: Configuration,
  last: LastRun,
  hub: GitRepositoryOptions,
  outbound: Outbound = plainOutbound,
): Promise<(serverUrl: string) => readonly SettingChange[]> {
  const early = startSettings(configuration, last.settings.serverUrl ?? '', outbound)
  const origin = await verdictOnOrigin(last, early, hub)
  const refused = refusals(configuration.file, settingChanges(last, early, origin), last)
  if (refused.length > 0) throw new UnusableConfiguration(describeProblems(refused))
  return (serverUrl) => settingChanges(last, { ...early, serverUrl }, origin)
}

export const carriedOut = (changes: readonly SettingChange[]): readonly ChangedSetting[] =>
  changes.flatMap(({ setting, verdict }) =>
    verdict.type === 'carried-out' ? [{ setting, effect: verdict.effect }] : [],
  )

/** Null where URL and published branch are those of the last start: it needs no origin. */
async function verdictOnOrigin(
  { settings }: LastRun,
  now: StartSettings,
  hub: GitRepositoryOptions,
): Promise<OriginVerdict | null> {
  const isOther = (key: 'repositoryUrl' | 'publishTo'): boolean =>
    settings[key] !== undefined && settings[key] !== now[key]
  const isMoved = isOther('repositoryUrl') || isOther('publishTo')
  return isMoved && existsSync(hub.path) ? checkOrigin(hub) : null
}

/** The changes that the start cannot carry out, as mistakes of the configuration. */
function refusals(
  file: string,
  changes: readonly SettingChange[],
  { stateDirectory }: LastRun,
): readonly Problem[] {
  return changes.flatMap(({ setting, from, to, verdict }) => {
    if (verdict.type !== 'refused') return []
    const was = `the run in ${stateDirectory} was started with ${from ?? 'another one'}`
    const what = `is ${to ?? 'another one'}, but ${was}: ${verdict.reason}`
    return [{ file, key: setting, what, remedy: verdict.remedy }]
  })
}

const recordOf = ({ path }: StateDirectory): string => join(path, 'settings.json')

const record = z
  .object({
    repositoryUrl: z.string(),
    branch: z.string(),
    publishTo: z.string().nullable(),
    workerCount: z.number(),
    runtime: z.enum(['docker', 'process']),
    network: z.enum(['sealed', 'proxied', 'open']).nullable(),
    isolation: z.enum(['default', 'gvisor']).nullable(),
    instanceProxy: z.string().nullable(),
    certificates: z.string().nullable(),
    image: z.string().nullable(),
    model: z.string(),
    credentials: z.enum(['file', 'gateway']),
    protect: z.array(z.string()),
    environment: z.record(z.string(), z.string()),
    resources: z.object({ memoryMb: z.number(), cpus: z.number(), pids: z.number() }).nullable(),
    diskMb: z.number().nullable(),
    serverUrl: z.string(),
  })
  .partial()

/** A newer server may have recorded more; one that cannot be read counts as none. */
function readRecord(directory: StateDirectory): LastRun['settings'] {
  const path = recordOf(directory)
  if (!existsSync(path)) return {}
  try {
    return record.parse(JSON.parse(readFileSync(path, 'utf8'))) as LastRun['settings']
  } catch {
    return {}
  }
}

/** The branch of a hub that is complete. */
function branchOf(hub: string): string | null {
  const head = join(hub, 'HEAD')
  if (!existsSync(head)) return null
  return /^ref: refs\/heads\/(.+)$/m.exec(readFileSync(head, 'utf8'))?.[1] ?? null
}
