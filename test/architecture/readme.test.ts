import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { settingKeys } from '../../src/config/settings-table.ts'
import { readSources, root } from './sources.ts'

const readme = readFileSync(join(root, 'README.md'), 'utf8')
const sources = [...readSources('src', /(?<!\.test)\.ts$/), ...readSources('docker', /./)]
const program = [
  ...sources.map(({ text }) => text),
  readFileSync(join(root, 'server.js'), 'utf8'),
].join('\n')

describe('the troubleshooting of README.md', () => {
  const table = /## Troubleshooting\n\n(?:\|.*\n){2}((?:\|.*\n)+)/.exec(readme)?.[1] ?? ''
  const quoted = table
    .split('\n')
    .flatMap((line) =>
      [...(line.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, text = '']) => text),
    )

  it('quotes something', () => {
    expect(quoted.length).toBeGreaterThan(10)
  })

  it.each(quoted.filter((text) => text !== '/status'))(
    'quotes what the program says: %s',
    (text) => {
      const unsaid = text.split('…').filter((part) => !program.includes(part.trim()))
      expect(unsaid).toEqual([])
    },
  )
})

describe('docs/configuration.md', () => {
  it('says of each setting what another value at the next start does', () => {
    const text = readFileSync(join(root, 'docs/configuration.md'), 'utf8')
    const [, table = ''] = text.split('## Changes between two starts')
    const [rows = ''] = table.split('\n## ')
    const named = settingKeys
      .filter((key) => key !== '$schema')
      .map((key) => (key.startsWith('limits.') ? 'limits' : (key.split('.')[0] ?? key)))
    expect(named.filter((key) => !rows.includes(`\`${key}`))).toEqual([])
  })
})

describe('the links of the documents', () => {
  const documents = [
    'README.md',
    'CONTRIBUTING.md',
    'STYLE.md',
    'ARCHITECTURE.md',
    'docs/configuration.md',
  ]

  it.each(documents)('of %s lead to files that are there', (document) => {
    const links = [
      ...readFileSync(join(root, document), 'utf8').matchAll(/\]\((?!https?:)([^)#]+)/g),
    ].map(([, target = '']) => target)
    expect(links.filter((target) => !existsSync(join(root, document, '..', target)))).toEqual([])
  })
})
