import type { Configuration } from './configuration.ts'

/** What a start uses of its configuration, kept so that the next start can compare its own. */
export interface StartSettings {
  /** Without a password. */
  readonly repositoryUrl: string
  readonly branch: string
  /** The branch of the origin that gets the work; null for none. */
  readonly publishTo: string | null
  readonly workerCount: number
  readonly runtime: Configuration['runtime']
  /** Null where the runtime has no boundary. */
  readonly network: Configuration['network'] | null
  /** Null where the runtime has none. */
  readonly isolation: Configuration['isolation'] | null
  /** The proxy that instances use themselves; null for none. */
  readonly instanceProxy: string | null
  /** Names the operator's certificates; null for none. */
  readonly certificates: string | null
  /** Null where the runtime uses none. */
  readonly image: string | null
  readonly model: string
  readonly credentials: 'file' | 'gateway'
  readonly protect: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** Null where the runtime sets none. */
  readonly resources: Configuration['resources'] | null
  /** Null where the runtime does not measure it. */
  readonly diskMb: number | null
  /** Where instances reach the server: it follows from `host`, `port` and the runtime. */
  readonly serverUrl: string
}

/** What the last start left. A setting that it did not record counts as unchanged. */
export interface LastRun {
  readonly settings: Partial<StartSettings>
  /** An instance was started, so workspaces and a conversation build on the settings. */
  readonly hasBegun: boolean
  readonly stateDirectory: string
}

/** What another URL leads to; `another` also where the branch for the work takes no push. */
export type OriginVerdict =
  | { readonly type: 'same' }
  | { readonly type: 'another' | 'unreachable'; readonly reason: string }

export interface SettingChange {
  /** As in `orchestrator.json`. */
  readonly setting: string
  /** For people; null where the value itself says too much or too little. */
  readonly from: string | null
  readonly to: string | null
  readonly verdict: Verdict
}

export type Verdict =
  /** `restart`: every running instance starts again with the new value, its work saved. */
  | { readonly type: 'carried-out'; readonly effect: 'restart' | 'publish' | 'none' }
  | { readonly type: 'refused'; readonly reason: string; readonly remedy: string }

type Key = keyof StartSettings

/**
 * The settings that differ from those of the last start, each carried out or refused. `origin` is
 * what the new URL leads to; null where the URL is the same.
 */
export function settingChanges(
  last: LastRun,
  now: StartSettings,
  origin: OriginVerdict | null,
): readonly SettingChange[] {
  return rows.flatMap(([setting, key, verdict]) => {
    const before = last.settings[key]
    const after = now[key]
    if (before === undefined || isEqual(before, after)) return []
    const [from, to] = [shown(before), shown(after)]
    return [{ setting, from, to, verdict: verdict(last, { from, to, origin }) }]
  })
}

interface Difference {
  readonly from: string | null
  readonly to: string | null
  readonly origin: OriginVerdict | null
}

type Rule = (last: LastRun, difference: Difference) => Verdict

const carryOut =
  (effect: 'restart' | 'none'): Rule =>
  () => ({ type: 'carried-out', effect })

/** Not once the run has begun: what is there belongs to the value of before. */
const onlyBeforeBegin =
  (reason: string): Rule =>
  (last, { from }) =>
    last.hasBegun ? refuse(last, from, reason) : { type: 'carried-out', effect: 'none' }

const refuse = ({ stateDirectory }: LastRun, from: string | null, reason: string): Verdict => ({
  type: 'refused',
  reason,
  remedy:
    `set it back to ${from ?? 'what it was'} to go on with the run in ${stateDirectory}, or begin ` +
    'a new run in another state directory (--state <dir>)',
})

/** Content decides, not the address: a repository may move to another host or protocol. */
const onlySameRepository: Rule = (last, { from, origin }) =>
  origin === null || origin.type === 'same'
    ? { type: 'carried-out', effect: 'publish' }
    : refuse(
        last,
        from,
        origin.type === 'another'
          ? origin.reason
          : `whether that is the same repository cannot be checked: ${origin.reason}`,
      )

/** A push can be tried again, but not one that every origin refuses. */
const onlyWherePushesPass: Rule = (last, { from, origin }) =>
  origin?.type === 'another'
    ? refuse(last, from, origin.reason)
    : { type: 'carried-out', effect: 'publish' }

const rows: readonly (readonly [setting: string, key: Key, rule: Rule])[] = [
  ['repositoryUrl', 'repositoryUrl', onlySameRepository],
  [
    'branch',
    'branch',
    onlyBeforeBegin('the tasks of the run were planned for the other branch and merged into it'),
  ],
  [
    'runtime',
    'runtime',
    onlyBeforeBegin('the workspaces of one runtime cannot be used in the other'),
  ],
  ['publish, publishBranch', 'publishTo', onlyWherePushesPass],
  ['workerCount', 'workerCount', carryOut('none')],
  // A full pass finds the instances with another image; they start again between two tasks.
  ['image', 'image', carryOut('none')],
  ['network', 'network', carryOut('restart')],
  ['isolation', 'isolation', carryOut('restart')],
  ['upstreamProxy', 'instanceProxy', carryOut('restart')],
  ['caFile', 'certificates', carryOut('restart')],
  ['model', 'model', carryOut('restart')],
  ['credentials', 'credentials', carryOut('restart')],
  // Work that waits for an answer is tried again.
  ['protect', 'protect', carryOut('none')],
  ['environment', 'environment', carryOut('restart')],
  ['limits of resources', 'resources', carryOut('restart')],
  // Measures follow it at once; the largest file of a container is that of its start.
  ['limits.diskMb', 'diskMb', carryOut('none')],
  ['host, port', 'serverUrl', carryOut('restart')],
]

const isEqual = (one: unknown, other: unknown): boolean => canonical(one) === canonical(other)

/** The order of the keys does not count. */
const canonical = (value: unknown): string =>
  JSON.stringify(
    typeof value === 'object' && value !== null
      ? Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
      : value,
  )

const shown = (value: StartSettings[Key]): string | null => {
  if (value === null) return 'none'
  return typeof value === 'object' ? null : String(value)
}
