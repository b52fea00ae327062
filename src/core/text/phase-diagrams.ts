import { type Noun, transitions } from '../model/transitions.ts'
import { type Wait, waitsFor, waitsOf } from '../model/waits.ts'

/** One Mermaid state diagram per noun, and below it what its phases wait for, as Markdown. */
export function phaseDiagrams(): string {
  const nouns = Object.keys(transitions) as Noun[] // of the table, which has no others
  return nouns.map(sectionOf).join('\n')
}

function sectionOf(noun: Noun): string {
  const title = noun.charAt(0).toUpperCase() + noun.slice(1)
  const lines = [...aliasesOf(noun), ...arrowsOf(noun)].map((line) => `    ${line}`)
  const diagram = ['```mermaid', 'stateDiagram-v2', ...lines, '```']
  return [`### ${title}`, '', ...diagram, '', folded(describeWaits(noun)), ''].join('\n')
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

function describeWaits(noun: Noun): string {
  const phases = Map.groupBy(Object.keys(waitsFor[noun]), (name) => titleOf(waitsOf(noun, name)))
  const sentences = [...phases]
    .filter(([title]) => title !== '')
    .map(([title, names]) => `${title}: ${names.map((name) => `\`${name}\``).join(', ')}.`)
  return sentences.length === 0 ? 'Waits for the phases of other nouns only.' : sentences.join(' ')
}

/** Empty for what waits for other phases only, or for nothing. */
function titleOf(waits: readonly Wait[]): string {
  if (waits.join() === 'deadline') return 'With a deadline'
  const isBounded = waits.includes('deadline') || waits.includes('human')
  return isBounded ? `Waits for ${waits.map((wait) => words[wait]).join(' or ')}` : ''
}

const words: Readonly<Record<Wait, string>> = {
  deadline: 'its deadline',
  human: 'a human',
  another: 'another phase',
  nothing: 'nothing',
}
