import { readFile, writeFile } from 'node:fs/promises'
import { renderJsonSchema, renderSettingsTable, replaceSettingsTable } from './settings-table.ts'

const readme = new URL('../../README.md', import.meta.url)
await writeFile(
  new URL('../../config.example/orchestrator.schema.json', import.meta.url),
  renderJsonSchema(),
)
await writeFile(readme, replaceSettingsTable(await readFile(readme, 'utf8'), renderSettingsTable()))
