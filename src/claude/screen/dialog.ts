import type { Key } from '../../ports/terminals.ts'

export type DialogName =
  | 'trust'
  | 'bypass-warning'
  | 'auto-mode'
  | 'api-key'
  | 'settings-error'
  | 'limit'
  | 'rewind'
  | 'permission'
  | 'unknown-dialog'

export interface Dialog {
  readonly name: DialogName
  /** The next step only. Enter comes alone, and only when the right answer is selected. */
  readonly remedy: readonly Key[] | 'restart'
}

/**
 * A dialog replaces the input box, under the lowest ruled line. Output of an agent is indented, so
 * it cannot look like one.
 */
export function recogniseDialog(lines: readonly string[]): Dialog | null {
  const top = lines.findLastIndex((line) => /^[─▔]{20,}$/.test(line))
  const shown = lines.slice(top + 1).flatMap((line) => line.trim() || [])
  const question = questions.find(({ title }) => title.test(shown[0] ?? ''))
  if (question) return { name: question.name, remedy: towards(question.answer, shown) }
  if (shown.includes('❯ 1. Stop and wait for limit to reset'))
    return { name: 'limit', remedy: ['Escape'] }
  if (shown[0] === 'Rewind') return { name: 'rewind', remedy: ['Escape'] }
  if (shown.some((line) => /^Do you want to .*\?$/.test(line)) && shown.some(offersEscape))
    return { name: 'permission', remedy: ['Escape'] }
  return shown.slice(-3).some(offersEscape) ? { name: 'unknown-dialog', remedy: ['Escape'] } : null
}

const offersEscape = (line: string): boolean => /\besc(?:ape)? to cancel\b/i.test(line)

/**
 * Questions at a start that have one right answer here: the operator chose this workspace, this
 * mode and this key, and a repository's broken settings must not block an instance.
 */
const questions: readonly {
  readonly name: DialogName
  readonly title: RegExp
  readonly answer: RegExp
}[] = [
  { name: 'trust', title: /^Accessing workspace:$/, answer: /^Yes, I trust this folder$/ },
  {
    name: 'bypass-warning',
    title: /^WARNING: Claude Code running in Bypass Permissions mode$/,
    answer: /^Yes, I accept$/,
  },
  {
    name: 'auto-mode',
    title: /^Make auto mode your default permission mode\?$/,
    answer: /^No, keep bypass permissions$/,
  },
  { name: 'api-key', title: /^Detected a custom API key in your environment$/, answer: /^Yes$/ },
  {
    name: 'settings-error',
    title: /^Settings (?:Warning|Error)$/,
    answer: /^\d\. Continue(?: without these settings)?$/,
  },
]

/** Selects the answer, or confirms it once selected; restarts when the menu does not offer it. */
function towards(answer: RegExp, shown: readonly string[]): Dialog['remedy'] {
  const selected = shown.findIndex((line) => line.startsWith('❯ '))
  const wanted = shown.findIndex((line) => answer.test(line.replace(/^❯ /, '')))
  if (selected < 0 || wanted < 0) return 'restart'
  if (selected === wanted) return ['Enter']
  return Array.from(
    { length: Math.abs(wanted - selected) },
    (): Key => (wanted > selected ? 'Down' : 'Up'),
  )
}
