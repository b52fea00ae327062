import type { InstanceId } from '../core/model/ids.ts'

/** Keys that may be pressed in a terminal; a name here is the only way to send anything but text. */
export type Key = 'Enter' | 'Escape' | 'Up' | 'Down' | 'C-c' | 'C-u'

/** The windows through which humans watch instances and through which prompts are typed: they look on, they own no instance. */
export interface Terminals {
  /** What to give `tmux -L` to see the sessions. */
  readonly socket: string
  /** Rejects, saying what to install, where terminals cannot be opened. */
  ensureUsable(): Promise<void>
  /** Shows `command` in the session named like the instance; a session that shows it already is left alone. */
  ensureOpen(instance: InstanceId, command: readonly string[]): Promise<void>
  ensureClosed(instance: InstanceId): Promise<void>
  listOpen(): Promise<ReadonlySet<InstanceId>>
  /** Pastes `line` (control characters are dropped) as one bracketed paste; it does not press Enter. */
  paste(instance: InstanceId, line: string): Promise<void>
  press(instance: InstanceId, key: Key): Promise<void>
  /** Makes whatever the terminal shows draw itself anew, whole, within a second or two. */
  redraw(instance: InstanceId): Promise<void>
  /** The visible screen as plain text, lines joined by `\n`. */
  screen(instance: InstanceId): Promise<string>
}
