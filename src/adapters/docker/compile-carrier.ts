// Writes JavaScript for the TypeScript of the carrier: `compile-carrier.ts <from> <to>`. Node would
// remove the types at every start of a carrier, which takes 16 MB of memory and doubles the time.
// It is a program of its own, since Node warns that the function is experimental.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'

const [from = '', to = ''] = process.argv.slice(2)
mkdirSync(to, { recursive: true })
for (const name of readdirSync(from).filter((file) => !file.includes('.test.'))) {
  const program = stripTypeScriptTypes(readFileSync(join(from, name), 'utf8'))
  const imports = program.replaceAll(/ from '(\.\/[\w-]+)\.ts'/g, " from '$1.mjs'")
  writeFileSync(join(to, name.replace(/\.ts$/, '.mjs')), imports, { mode: 0o755 })
}
