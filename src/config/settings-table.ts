import { z } from 'zod'
import { settingsSchema } from './schema.ts'

interface Documented {
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly string[]
  readonly properties?: Readonly<Record<string, Documented>>
}

const root = z.toJSONSchema(settingsSchema, { io: 'input' }) as Documented & {
  readonly required?: readonly string[]
}

/** Dotted keys of all settings, without the groups: `limits.cpus`, not `limits`. */
export const settingKeys: readonly string[] = leavesOf(root).map(([key]) => key)

/** The settings as the Markdown table of README.md. */
export function renderSettingsTable(): string {
  const rows = leavesOf(root).map(
    ([key, schema]) => `| \`${key}\` | ${defaultOf(key, schema)} | ${schema.description ?? ''} |`,
  )
  return ['| Key | Default | Meaning |', '|---|---|---|', ...rows, ''].join('\n')
}

/** Replaces the table between its two marks. Throws when the marks are missing. */
export function replaceSettingsTable(markdown: string, table: string): string {
  const marked =
    /(<!-- settings: `npm run schema` writes this table -->\n)[^]*?(<!-- end of settings -->)/
  if (!marked.test(markdown))
    throw new Error('README.md lacks the marks around the settings table: put them back')
  return markdown.replace(
    marked,
    (_, before: string, after: string) => `${before}\n${table}\n${after}`,
  )
}

export const renderJsonSchema = (): string => `${JSON.stringify(root, null, 2)}\n`

function leavesOf(schema: Documented, prefix = ''): readonly (readonly [string, Documented])[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, part]) =>
    part.properties === undefined
      ? [[`${prefix}${name}`, part] as const]
      : leavesOf(part, `${prefix}${name}.`),
  )
}

function defaultOf(key: string, schema: Documented): string {
  if (root.required?.includes(key)) return '**required**'
  return schema.default === undefined ? '' : `\`${JSON.stringify(schema.default)}\``
}
