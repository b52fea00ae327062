import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseJson } from './json.ts'
import { mistakesIn } from './mistakes.ts'
import {
  renderJsonSchema,
  renderSettingsTable,
  replaceSettingsTable,
  settingKeys,
} from './settings-table.ts'

const root = join(import.meta.dirname, '../..')
const readText = (path: string) => readFile(join(root, path), 'utf8')

describe('the documentation of the settings', () => {
  it('is current in config.example/orchestrator.schema.json (else: npm run schema)', async () => {
    expect(await readText('config.example/orchestrator.schema.json')).toBe(renderJsonSchema())
  })

  it('is current in README.md (else: npm run schema)', async () => {
    const readme = await readText('README.md')
    expect(replaceSettingsTable(readme, renderSettingsTable())).toBe(readme)
  })

  it('has a row with a meaning for every setting', () => {
    const rows = renderSettingsTable().split('\n')
    for (const key of settingKeys) {
      const row = rows.find((line) => line.startsWith(`| \`${key}\` |`))
      expect(row).toMatch(/\| .* \| .{10,} \|$/)
    }
  })

  it('shows an example that is valid', async () => {
    const example = parseJson(await readText('config.example/orchestrator.json'))
    expect(example.ok && mistakesIn(example.value)).toEqual([])
  })
})
