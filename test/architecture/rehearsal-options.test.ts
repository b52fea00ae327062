import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from './sources.ts'

const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const namesIn = (text: string): readonly string[] =>
  [...new Set(text.match(/--[a-z]+(?:-[a-z]+)*/g) ?? [])].toSorted()

/** The options that a command is given in its code. */
const optionsOf = (path: string): readonly string[] =>
  namesIn((read(path).match(/(?:\.option\(|new Option\()\s*'[^']+'/g) ?? []).join())

const sections = new Map(
  read('docs/rehearsal.md')
    .split(/^(?=##? )/m)
    .map((text) => [/^#+ (.*)/.exec(text)?.[1] ?? '', text]),
)
const section = (title: string): string => sections.get(title) ?? ''
const tableIn = (text: string): readonly string[] =>
  namesIn([...text.matchAll(/^\| (`--[^|]*)\|/gm)].map(([, first = '']) => first).join())

describe('docs/rehearsal.md', () => {
  it.each([
    ['Rehearsal', 'src/rehearsal/runner/arguments.ts'],
    ['Chaos', 'src/rehearsal/chaos/arguments.ts'],
  ])('has each option of the command in the table of %s, and no other', (title, path) => {
    expect(optionsOf(path).length).toBeGreaterThan(5)
    expect(tableIn(section(title))).toEqual(optionsOf(path))
  })

  it('names each option of the command of attacks', () => {
    const options = optionsOf('src/rehearsal/attack/arguments.ts')
    expect(options).toContain('--disarmed')
    expect(namesIn(section('Attacks'))).toEqual(options)
  })
})
