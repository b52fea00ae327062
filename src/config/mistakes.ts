import { z } from 'zod'
import { nearest } from './nearest.ts'
import { settingKeys } from './settings-table.ts'
import { settingsSchema } from './schema.ts'

/** A problem whose source, file or command line, is not known yet. */
export interface Mistake {
  readonly path: readonly string[]
  readonly what: string
  readonly remedy: string
}

/** All schema violations of a value, in the operator's terms. */
export function mistakesIn(value: unknown): readonly Mistake[] {
  return (settingsSchema.safeParse(value).error?.issues ?? []).flatMap((issue) => {
    const path = issue.path.map(String)
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => unknownKey([...path, key]))
    const schema = schemaAt(path)
    const found = valueAt(value, path)
    if (found === undefined)
      return { path, what: 'is missing', remedy: `add it: ${expectation(schema)}` }
    const what = issue.code === 'custom' ? issue.message : `is ${shown(found, schema)}`
    return { path, what, remedy: `set it to ${expectation(schema)}${suggestion(found, schema)}` }
  })
}

function unknownKey(path: readonly string[]): Mistake {
  const key = path.at(-1) ?? ''
  const meant =
    settingKeys.find((known) => known.split('.').at(-1) === nearest(key, leaves)) ?? null
  return {
    path,
    what: 'is not a setting',
    remedy: meant === null ? 'remove it; README.md lists the settings' : `did you mean "${meant}"?`,
  }
}

const leaves = settingKeys.map((key) => key.split('.').at(-1) ?? key)

/** The part of JSON Schema that our settings use. */
interface Expected {
  readonly type?: string
  readonly enum?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
  readonly examples?: readonly unknown[]
  readonly properties?: Readonly<Record<string, Expected>>
  readonly additionalProperties?: Expected | false
  readonly items?: Expected
}

const root = z.toJSONSchema(settingsSchema, { io: 'input' }) as Expected

function schemaAt(path: readonly string[]): Expected {
  return path.reduce<Expected>(
    (schema, key) =>
      schema.properties?.[key] ?? (schema.additionalProperties || schema.items) ?? {},
    root,
  )
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (part, key) => (typeof part === 'object' && part !== null ? Reflect.get(part, key) : undefined),
    value,
  )
}

function expectation(schema: Expected): string {
  if (schema.enum !== undefined)
    return `one of ${schema.enum.map((choice) => `"${choice}"`).join(', ')}`
  return `${kindOf(schema)}${range(schema)}${example(schema)}`
}

function kindOf({ type }: Expected): string {
  switch (type) {
    case 'integer':
      return 'a whole number'
    case 'number':
      return 'a number'
    case 'array':
      return 'a list'
    case 'object':
      return 'an object in braces'
    default:
      return 'a string in double quotes'
  }
}

const range = ({ type, minimum, maximum }: Expected): string =>
  type === 'integer' || type === 'number' ? ` from ${minimum ?? 0} to ${maximum ?? 'any'}` : ''

const example = ({ examples }: Expected): string =>
  examples?.[0] === undefined ? '' : `, for example ${JSON.stringify(examples[0])}`

/** Hides strings, which may be misplaced secrets; a mistyped choice is safe to show. */
function shown(found: unknown, schema: Expected): string {
  if (typeof found === 'string') return shownText(found, schema)
  if (Array.isArray(found)) return 'a list'
  return typeof found === 'object' && found !== null ? 'an object' : String(found)
}

function shownText(found: string, schema: Expected): string {
  if (schema.enum !== undefined && found.length <= 20) return `"${found}"`
  if (found.trim() === '') return 'empty'
  return schema.type === 'string' ? 'not in the required form' : 'a string'
}

function suggestion(found: unknown, schema: Expected): string {
  const meant =
    typeof found === 'string' && schema.enum !== undefined ? nearest(found, schema.enum) : null
  return meant === null ? '' : `; did you mean "${meant}"?`
}
