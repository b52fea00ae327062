import type { InstanceId } from '../core/model/ids.ts'

/** Keys that may be pressed in a terminal: the only input besides pasted text. */
export type Key = 'Enter' | 'Escape' | 'Up' | 'Down' | 'C-c' | 'C-u'

/** The terminals in which humans watch instances and in which prompts are typed. */
export interface Terminals {
  /** The socket name for `tmux -L`, to see the sessions. */
  readonly socket: string
  /** Rejects, naming what to install, where terminals cannot be opened. */
  ensureUsable(): Promise<void>
  /**
   * Shows `command` in the session named like the instance. A session that shows it already is not
   * changed.
   */
  ensureOpen(instance: InstanceId, command: readonly string[]): Promise<void>
  ensureClosed(instance: InstanceId): Promise<void>
  listOpen(): Promise<ReadonlySet<InstanceId>>
  /** Pastes `line` without its control characters, as one bracketed paste. Does not press Enter. */
  paste(instance: InstanceId, line: string): Promise<void>
  press(instance: InstanceId, key: Key): Promise<void>
  /** Makes the program in the terminal redraw the whole screen, within a second or two. */
  redraw(instance: InstanceId): Promise<void>
  /** The visible screen as plain text, lines joined by `\n`. */
  screen(instance: InstanceId): Promise<string>
}
