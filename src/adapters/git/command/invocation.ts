import type { Environment } from './environment.ts'

/** One run of git, as it is asked of the thread that starts it. */
export interface Invocation {
  readonly directory: string
  readonly args: readonly string[]
  readonly config: readonly string[]
  /** All of it: nothing is inherited. */
  readonly environment: Environment
  readonly input: string | null
  /** What git may print. */
  readonly outputBytes: number
  /** Git is ended after this time without output. */
  readonly silenceMs: number
}

/** How it ended, whatever became of git. */
export interface Ended {
  readonly exitCode: number
  readonly stdout: Uint8Array<ArrayBuffer>
  /** As git wrote it: it may hold secrets. */
  readonly stderr: string
  /** It was ended because it printed too much; what it printed is left out. */
  readonly printedTooMuch: boolean
  readonly elapsedMs: number
  /** Why it was not started, or was ended; null when it ended by itself. */
  readonly failure: string | null
}

/** Used as the exit code of a git that a signal ended. */
export const endedBySignal = -1
