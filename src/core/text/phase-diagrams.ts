import { type Noun, transitions } from '../model/transitions.ts'
import { waitsFor } from '../model/waits.ts'

/** One Mermaid state diagram per noun, and below it what its phases wait for, as Markdown. */
export function phaseDiagrams(): string {
  const nouns = Object.keys(transitions) as Noun[] // of the table, which has no others
  return nouns.map(sectionOf).join('\n')
}

function sectionOf(noun: Noun): string {
  const title = noun.charAt(0).toUpperCase() + noun.slice(1)
  const lines = [...aliasesOf(noun), ...arrowsOf(noun)].map((line) => `    ${line}`)
  const diagram = ['```mermaid', 'stateDiagram-v2', ...lines, '```']
  return [`### ${title}`, '', ...diagram, '', folded(waitsOf(noun)), ''].join('\n')
}

/** In lines of at most 100 columns, as all documents are. */
const folded = (text: string): string => text.replaceAll(/(.{1,100})(?: |$)/g, '$1\n').trimEnd()

const rowsOf = (noun: Noun): readonly (readonly [string, readonly string[]])[] =>
  Object.entries(transitions[noun])

function arrowsOf(noun: Noun): readonly string[] {
  return rowsOf(noun).flatMap(([from, all]) => {
    const ends = all.length === 0 ? ['none'] : all
    return ends.map((to) => `${stateOf(from)} --> ${stateOf(to)}`)
  })
}

/** A state's id in Mermaid has no hyphen. */
const aliasesOf = (noun: Noun): readonly string[] =>
  rowsOf(noun)
    .filter(([name]) => name.includes('-'))
    .map(([name]) => `state "${name}" as ${stateOf(name)}`)

const stateOf = (phase: string): string => (phase === 'none' ? '[*]' : phase.replaceAll('-', '_'))

function waitsOf(noun: Noun): string {
  const waits: Readonly<Record<string, string>> = waitsFor[noun]
  const phases = (wait: string): string =>
    Object.keys(waits)
      .filter((name) => waits[name] === wait)
      .map((name) => `\`${name}\``)
      .join(', ')
  const [deadline, human] = [phases('deadline'), phases('human')]
  const sentences = [
    ...(deadline === '' ? [] : [`With a deadline: ${deadline}.`]),
    ...(human === '' ? [] : [`Waits for a human: ${human}.`]),
  ]
  return sentences.length === 0 ? 'Waits for the phases of other nouns only.' : sentences.join(' ')
}
