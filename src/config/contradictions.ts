import { objectionTo } from './environment.ts'
import type { Mistake } from './mistakes.ts'
import { settingsSchema, type Settings } from './schema.ts'

/** Rules across settings, which the schema cannot express. Takes the well-formed settings only. */
export function contradictionsIn(settings: Partial<Settings>): readonly Mistake[] {
  return [
    ...sharedBranches(settings),
    ...publishing(settings),
    ...boundaries(settings),
    ...variables(settings),
    ...backOff(settings),
  ]
}

/**
 * The settings that are valid on their own. A malformed one is absent; an optional one that is not
 * set is present as undefined.
 */
export function wellFormedPart(value: unknown): Partial<Settings> {
  if (typeof value !== 'object' || value === null) return {}
  const parts = Object.entries(settingsSchema.shape).flatMap(([key, schema]) => {
    const part = schema.safeParse(Reflect.get(value, key))
    return part.success ? [[key, part.data] as const] : []
  })
  return Object.fromEntries(parts)
}

/** As processes, all workers have their branches `task/<task>` in the hub, beside the target. */
function sharedBranches({ runtime, branch }: Partial<Settings>): readonly Mistake[] {
  if (runtime !== 'process' || branch === undefined || !/^task(\/|$)/.test(branch)) return []
  return [
    {
      path: ['branch'],
      what: 'leaves no room for the branches task/<task> of workers with "runtime": "process"',
      remedy: 'name another branch, or set "runtime" to "docker"',
    },
  ]
}

function publishing(settings: Partial<Settings>): readonly Mistake[] {
  const path = ['publishBranch']
  const { publish, publishBranch, branch } = settings
  if (publish === undefined || !('publishBranch' in settings)) return []
  if (publish !== 'branch') {
    return publishBranch === undefined
      ? []
      : [
          {
            path,
            what: `has no effect with "publish": "${publish}"`,
            remedy: 'set "publish" to "branch", or remove it',
          },
        ]
  }
  if (publishBranch === undefined)
    return [
      {
        path,
        what: 'is missing',
        remedy: 'name the branch to push to, for example "orchestrator/main"',
      },
    ]
  return publishBranch === branch
    ? [
        {
          path,
          what: 'is the target branch',
          remedy: 'name another branch, or set "publish" to "target"',
        },
      ]
    : []
}

function boundaries({
  runtime,
  network,
  isolation,
  checks,
}: Partial<Settings>): readonly Mistake[] {
  if (runtime !== 'process') return []
  const remedy = 'remove it, or set "runtime" to "docker"'
  const unbounded = (path: readonly string[], value: string): Mistake => ({
    path,
    what: `cannot be "${value}" with "runtime": "process", which has no such boundary`,
    remedy,
  })
  return [
    ...(network === undefined || network === 'open' ? [] : [unbounded(['network'], network)]),
    ...(isolation === 'gvisor' ? [unbounded(['isolation'], isolation)] : []),
    ...(checks?.network === 'none' ? [unbounded(['checks', 'network'], 'none')] : []),
  ]
}

function variables({ environment = {} }: Partial<Settings>): readonly Mistake[] {
  return Object.entries(environment).flatMap(([name, value]) => {
    const objection = objectionTo(name, value)
    return objection === null ? [] : [{ path: ['environment', name], ...objection }]
  })
}

function backOff({ limits }: Partial<Settings>): readonly Mistake[] {
  if (limits === undefined || limits.backOffSeconds <= limits.backOffCapSeconds) return []
  return [
    {
      path: ['limits', 'backOffCapSeconds'],
      what: 'is less than the first pause',
      remedy: `set it to at least ${limits.backOffSeconds}`,
    },
  ]
}
