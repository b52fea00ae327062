/** A tmux command that failed; `reason` is what tmux wrote. */
export class TmuxError extends Error {
  readonly reason: string

  constructor(args: readonly string[], reason: string, cause?: unknown) {
    super(`tmux ${args[0] ?? ''} failed: ${reason}`, { cause })
    this.reason = reason
  }
}
