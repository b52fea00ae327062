import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readSources, root } from './sources.ts'
import { wideLinesIn } from './width.ts'

const documents = ['README', 'ARCHITECTURE', 'CONTRIBUTING', 'STYLE', 'SECURITY']
const notOurs = ['test/fixtures/', 'docker/tools/npmrc']
const files = [
  ...['src', 'test', 'docker', 'docs'].flatMap((folder) => readSources(folder, /./)),
  ...[...documents.map((name) => `${name}.md`), 'server.js', 'compose.yaml', '.ci/run'].map(
    (path) => ({ path, text: readFileSync(join(root, path), 'utf8') }),
  ),
].filter(
  ({ path }) =>
    !notOurs.some((beginning) => path.startsWith(beginning)) && !/\.(?:json|sqlite)$/.test(path),
)

const wide = 'a word and '.repeat(12)

describe('a line', () => {
  it('has at most 100 columns', () => {
    const found = files.flatMap(({ path, text }) =>
      wideLinesIn(path, text).map((line) => `${path}:${line}`),
    )
    expect(found).toEqual([])
  })

  it.each([
    ['a.md', wide],
    ['a.md', `- ${wide}`],
    ['a.ts', `// ${wide}`],
    ['a.ts', `   * ${wide} 'quoted'`],
    ['a.ts', `const a = ${wide}`],
    ['hook', `  # ${wide}`],
  ])('is found in %s: %s', (path, line) => {
    expect(wideLinesIn(path, `first\n${line}`)).toEqual([2])
  })

  it.each([
    ['a.md', `| ${wide} |`],
    ['a.md', `\`\`\`\n${wide}\n\`\`\``],
    ['a.md', `- ${'x'.repeat(120)}`],
    ['a.ts', `  throw new Error('${wide}')`],
    ['a.ts', `// ${'x'.repeat(120)}`],
  ])('may be longer in %s: %s', (path, line) => {
    expect(wideLinesIn(path, line)).toEqual([])
  })
})
