import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { withDiagrams } from './diagrams.ts'
import { root } from './sources.ts'

const file = join(root, 'ARCHITECTURE.md')
writeFileSync(file, withDiagrams(readFileSync(file, 'utf8')))
