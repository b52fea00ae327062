import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readSources, root, type SourceFile } from './sources.ts'
import { retiredIn } from './words.ts'

/** Captured texts of others, decisions of the past, and the lists of words. */
const notOurs = [
  'test/fixtures/',
  'test/architecture/words',
  // Terms that older servers wrote.
  'src/adapters/sqlite/terms',
  'src/http/operator/views/retired-fields.ts',
  'src/http/operator/views/event.test.ts',
  // Fields of the rehearsal's --json document, and names of random streams, which make the seeds.
  'src/rehearsal/runner/outcome.ts',
  'test/support/limit-rehearsal.ts',
  'test/simulation/fault-profile.ts',
  'test/simulation/supervisor.ts',
  'test/simulation/world.ts',
  'test/architecture/commit-title',
]
const isOurs = ({ path }: SourceFile): boolean =>
  !notOurs.some((beginning) => path.startsWith(beginning))

const documents = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'STYLE.md', 'SECURITY.md']
const files: readonly SourceFile[] = [
  ...['src', 'test', 'docker', 'docs', 'config.example'].flatMap((folder) =>
    readSources(folder, /./),
  ),
  ...documents.map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') })),
].filter(isOurs)

describe('a retired word', () => {
  it('is used nowhere', () => {
    const found = files.flatMap(({ path, text }) =>
      text
        .split('\n')
        .flatMap((line, index) =>
          retiredIn({ text: line, isMarkdown: path.endsWith('.md') }).map(
            (word) => `${path}:${index + 1}: ${word}`,
          ),
        ),
    )
    expect(found).toEqual([])
  })

  it.each([
    ['// Whoever waits is told anew.', 3],
    ["  it('is heard by nobody')", 2],
    ['const sighting = desk.swap(chore)', 4],
    ["throw new Error('a push is owed')", 1],
    ['const heard = signals', 1],
    ["it('ends in trouble')", 1],
    ['/** A bug that is planted. */', 1],
  ])('is found: %s', (text, count) => {
    expect(retiredIn({ text, isMarkdown: false })).toHaveLength(count)
  })

  it.each([
    '// The bold text of a desktop app, with troubleshooting; belt and braces.',
    'const { trouble } = event',
    "phase: z.enum(['current', 'owed'])",
    '// How to tell the two renderers apart.',
    '// The cast is checked above.',
  ])('is not mistaken for another: %s', (text) => {
    expect(retiredIn({ text, isMarkdown: false })).toEqual([])
  })
})
