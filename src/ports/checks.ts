export interface CheckOutcome {
  readonly ok: boolean
  /** What the commands printed, the last 16 KiB of it. */
  readonly output: string
  /** The place of the command that failed, from 0; missing when all passed. */
  readonly position?: number
}

/**
 * Called with every output: the place of the command that runs, null before the first one; and what
 * answers the end of the output so far, the last 16 KiB of it.
 */
export type CheckWatch = (position: number | null, output: () => string) => void

export interface CheckRunner {
  /**
   * Runs shell commands, one after the other, on a commit of the hub in a clean place of its own,
   * without any credential. Throws when it could not begin the first one.
   */
  run(
    commit: string,
    commands: readonly string[],
    timeoutMs: number,
    watch?: CheckWatch,
  ): Promise<CheckOutcome>
}
