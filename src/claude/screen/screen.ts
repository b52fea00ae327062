import type { Key } from '../../ports/terminals.ts'
import { recogniseDialog, type DialogName } from './dialog.ts'

/** The states of a screen. */
export type ScreenName =
  /** An empty input box, ready for a prompt; the next two also say how the last turn ended. */
  | 'prompt'
  | 'interrupted'
  | 'no-response'
  /** Text is in the input box: its Enter was lost, or Escape put it back. */
  | 'typed'
  | 'busy'
  | DialogName
  | 'onboarding'
  | 'shell'
  | 'exited'
  | 'unknown'

export interface ScreenState {
  readonly name: ScreenName
  /** The text in the input box, rows joined by `\n`; it begins with `!` in the box's shell mode. */
  readonly text: string
  /**
   * The keys of the next step towards a prompt; then the screen must be read again. Empty at a
   * prompt; null when no step is known.
   */
  readonly remedy: readonly Key[] | 'restart' | null
}

/**
 * Recognises a screen. The lowest evidence decides, because an agent can be made to print anything
 * above it.
 */
export function recognise(screen: string): ScreenState {
  const lines = screen.split('\n').map((line) => line.trimEnd())
  const filled = lines.filter((line) => line !== '')
  const last = filled.at(-1) ?? ''
  if (emptyShell.test(last)) return screenState('shell', 'restart')
  if (last.startsWith('claude --resume ') && filled.at(-2) === 'Resume this session with:')
    return screenState('exited', 'restart')
  const box = findInputBox(lines)
  if (box !== null) return recogniseBox(box)
  const dialog = recogniseDialog(lines)
  if (dialog !== null) return { ...dialog, text: '' }
  if (filled.some((line) => killedShell.test(line))) return screenState('shell', 'restart')
  if (filled.some((line) => line.startsWith('Welcome to Claude Code v')))
    return screenState('onboarding', 'restart')
  return screenState('unknown', null)
}

/** True when the box holds this line only. Ignores white space: the box wraps long lines. */
export const holds = ({ name, text }: ScreenState, line: string): boolean =>
  name === 'typed' && squeezed(text) === squeezed(line)

const squeezed = (text: string): string => text.replaceAll(/\s/g, '')

const emptyShell = /^(?:[\w.-]+@[\w.-]+:.*|[a-z]*sh-[\d.]+)?[$#%]$/
/** The shell of a killed agent writes over the agent's screen. */
const killedShell = /^(?:[\w.-]+@[\w.-]+:\S*|[a-z]*sh-[\d.]+)[$#%] ?─*$/

const cornerHint = /^ {40,}\S/
const rule = /^─{20,}$/
/** Only the input box has a no-break space behind its mark; `!` is its shell mode. */
const boxStart = /^([❯!])\u00a0/

interface InputBox {
  readonly mark: string
  readonly rows: readonly string[]
  /** The filled lines above it, without the hints at its right corner. */
  readonly above: readonly string[]
  readonly below: readonly string[]
}

function findInputBox(lines: readonly string[]): InputBox | null {
  const bottom = lines.findLastIndex((line) => rule.test(line))
  const top = lines.findLastIndex((line, index) => index < bottom && rule.test(line))
  const [first = '', ...rest] = lines.slice(top + 1, bottom)
  const mark = boxStart.exec(`${first}\u00a0`)?.[1]
  if (top < 0 || mark === undefined) return null
  const rows = [first.slice(2), ...rest.map((line) => line.slice(2))]
  const above = lines.slice(0, top).filter((line) => line !== '' && !cornerHint.test(line))
  return { mark, rows, above, below: lines.slice(bottom + 1) }
}

const queuedHint = 'Press up to edit queued messages'

function recogniseBox({ mark, rows, above, below }: InputBox): ScreenState {
  const text = (mark === '!' ? '!' : '') + rows.join('\n').trim()
  const isBusy =
    below.some((line) => line.includes('esc to interrupt')) ||
    above.slice(-5).some((line) => spinner.test(line))
  if (isBusy || text === queuedHint)
    return { name: 'busy', text: text === queuedHint ? '' : text, remedy: null }
  // C-u removes a row, a line break or the shell mode; on an empty box it does nothing.
  if (text !== '') return { name: 'typed', text, remedy: rows.flatMap((): Key[] => ['C-u', 'C-u']) }
  return screenState(promptState(above), [])
}

const spinner = /^[·✢✳✶✻✽*] .*(?:…|retrying in)/
const turnEnd = /^✻ .* · done /
const interruption = /^ *⎿\s+Interrupted · What should Claude do instead\?$/

function promptState(above: readonly string[]): 'prompt' | 'interrupted' | 'no-response' {
  if (interruption.test(above.at(-1) ?? '')) return 'interrupted'
  const before = above.findLast((line) => !turnEnd.test(line)) ?? ''
  return before.startsWith('❯ ') && turnEnd.test(above.at(-1) ?? '') ? 'no-response' : 'prompt'
}

const screenState = (name: ScreenName, remedy: ScreenState['remedy']): ScreenState => ({
  name,
  text: '',
  remedy,
})

/**
 * The command that a busy screen shows as running, or the tool's own words for what it does; null
 * when it shows neither. An agent can make it say anything, so it is for reading only.
 */
export function runningTool(screen: string): string | null {
  const lines = screen.split('\n').map((line) => line.trimEnd())
  const above = findInputBox(lines)?.above ?? []
  const shown = above.findLast((line) => runningCommand.test(line) || runningTitle.test(line)) ?? ''
  const [, tool] = runningCommand.exec(shown) ?? runningTitle.exec(shown) ?? []
  return tool?.replaceAll(/\p{Cc}/gu, '').slice(0, longestTool) ?? null
}

/** With the time that it has run; a command that has ended has none. */
const runningCommand = /^ {2}⎿ {2}\$ (.+) \((?:\d+[hm] )*\d+[hms]\)$/
const runningTitle = /^[● ] (.+) · (?:\d+[hm] )*\d+[hms]$/
/** A prompt must stay short. */
const longestTool = 120
