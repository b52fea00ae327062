import { objectionTo } from './environment.ts'
import type { Mistake } from './mistakes.ts'
import { settingsSchema, type Settings } from './schema.ts'

/** What the schema cannot say: it is told of the settings that are well-formed even when others are not. */
export function contradictionsIn(settings: Partial<Settings>): readonly Mistake[] {
  return [...publishing(settings), ...variables(settings), ...backOff(settings)]
}

/** A setting that is malformed is absent; one that may be left out is there, if only as undefined. */
export function wellFormedPart(value: unknown): Partial<Settings> {
  if (typeof value !== 'object' || value === null) return {}
  const parts = Object.entries(settingsSchema.shape).flatMap(([key, schema]) => {
    const part = schema.safeParse(Reflect.get(value, key))
    return part.success ? [[key, part.data] as const] : []
  })
  return Object.fromEntries(parts)
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
        remedy: 'name the branch that the origin shall get, for example "orchestrator/main"',
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
