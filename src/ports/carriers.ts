import type { InstanceId } from '../core/model/ids.ts'
import type { ToolOutcome } from './workspaces.ts'

/** A tool that a carrier is to run in the workspace of its instance. */
export interface ToolRun {
  /** Unique for ever: an answer may arrive after the server's next start. */
  readonly id: string
  /** As for `Workspaces.runTool`. */
  readonly argv: readonly string[]
}

/** A carrier that asks for work. */
export interface AskingCarrier {
  readonly instance: InstanceId
  /** Another one each time that the carrier starts. */
  readonly carrier: string
  /** The runs that it has, which are not given to it again. */
  readonly running: readonly string[]
}

/** The carriers of instances (`src/carrier/`), as the server's HTTP surface meets them. */
export interface Carriers {
  /**
   * Waits until there is something to run. Null when there is nothing for a while, when the same
   * instance asks again, and when `signal` is aborted: the carrier has gone.
   */
  next(asking: AskingCarrier, signal: AbortSignal): Promise<ToolRun | null>
  /** False when nothing waits for this outcome. */
  finish(instance: InstanceId, id: string, outcome: ToolOutcome): boolean
}
