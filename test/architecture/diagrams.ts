import { phaseDiagrams } from '../../src/core/text/phase-diagrams.ts'

const begin = '<!-- phases: npm run diagrams writes this -->'
const end = '<!-- end of phases -->'

/** ARCHITECTURE.md with the diagrams of today between its two markers. */
export function withDiagrams(markdown: string): string {
  const [before, rest] = markdown.split(begin)
  const after = rest?.split(end)[1]
  if (before === undefined || after === undefined)
    throw new Error(`ARCHITECTURE.md has no "${begin}" … "${end}"`)
  return `${before}${begin}\n\n${phaseDiagrams()}\n${end}${after}`
}
