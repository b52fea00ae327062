export interface CheckOutcome {
  readonly ok: boolean
  /** What the commands printed, the last 16 KiB of it. */
  readonly output: string
}

export interface CheckRunner {
  /**
   * Runs shell commands, one after the other, on a commit of the hub in a clean place of its own:
   * without any credential, and without a network where there is a boundary.
   */
  run(commit: string, commands: readonly string[], timeoutMs: number): Promise<CheckOutcome>
}
