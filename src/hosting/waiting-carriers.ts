import { randomUUID } from 'node:crypto'
import type { InstanceId } from '../core/model/ids.ts'
import type { AskingCarrier, Carriers, ToolRun } from '../ports/carriers.ts'
import type { ToolOutcome } from '../ports/workspaces.ts'

/** Milliseconds after which a carrier has to ask again, so that a lost connection is noticed. */
export const longestWaitMs = 50_000
/** Milliseconds without a question after which a carrier that has something to run has ended. */
export const longestSilenceMs = 15_000

interface Waiting extends ToolRun {
  isHandedOver: boolean
  readonly resolve: (outcome: ToolOutcome) => void
  readonly reject: (reason: Error) => void
}

/** What is known of the carrier of one instance. */
interface Known {
  carrier: string
  /** Answers the open question; null while there is none. */
  answer: ((run: ToolRun | null) => void) | null
  readonly runs: Map<string, Waiting>
  silence: NodeJS.Timeout | undefined
}

/**
 * The carriers that wait for something to run. Each keeps one request open, which is answered at
 * once when a tool is to run: an exec of the engine takes longer than most tools. Nothing is kept
 * beyond the server's end.
 */
export class WaitingCarriers implements Carriers {
  readonly #known = new Map<InstanceId, Known>()

  /**
   * Runs a tool; null when no carrier of the instance waits. Rejects when the carrier ends before
   * the tool does: nothing says how far it got.
   */
  run(
    instance: InstanceId,
    argv: readonly string[],
    timeoutMs: number,
  ): Promise<ToolOutcome> | null {
    const known = this.#known.get(instance)
    if (known === undefined || known.answer === null) return null
    const { promise, resolve, reject } = Promise.withResolvers<ToolOutcome>()
    const run = { id: randomUUID(), argv, isHandedOver: false, resolve, reject }
    known.runs.set(run.id, run)
    const timer = setTimeout(
      () => reject(failure(run, `no end after ${timeoutMs / 1000} s`)),
      timeoutMs,
    )
    this.#handOver(known)
    return promise.finally(() => {
      clearTimeout(timer)
      known.runs.delete(run.id)
    })
  }

  next(
    { instance, carrier, running }: AskingCarrier,
    signal: AbortSignal,
  ): Promise<ToolRun | null> {
    const known = this.#carrierOf(instance, carrier)
    known.answer?.(null)
    clearTimeout(known.silence)
    // The answer that brought it was lost on its way.
    for (const run of known.runs.values()) run.isHandedOver = running.includes(run.id)
    return new Promise((resolve) => {
      const answer = (run: ToolRun | null): void => {
        known.answer = null
        clearTimeout(timer)
        signal.removeEventListener('abort', leave)
        expectQuestion(known)
        resolve(run)
      }
      const leave = () => answer(null)
      const timer = setTimeout(leave, longestWaitMs)
      signal.addEventListener('abort', leave)
      known.answer = answer
      if (signal.aborted) leave()
      this.#handOver(known)
    })
  }

  finish(instance: InstanceId, id: string, outcome: ToolOutcome): boolean {
    const run = this.#known.get(instance)?.runs.get(id)
    run?.resolve(outcome)
    return run !== undefined
  }

  /** A new carrier knows nothing of what the one before it ran. */
  #carrierOf(instance: InstanceId, carrier: string): Known {
    const before = this.#known.get(instance)
    if (before?.carrier === carrier) return before
    before?.answer?.(null)
    if (before !== undefined) end(before)
    const known = { carrier, answer: null, runs: new Map<string, Waiting>(), silence: undefined }
    this.#known.set(instance, known)
    return known
  }

  #handOver({ answer, runs }: Known): void {
    const run = [...runs.values()].find(({ isHandedOver }) => !isHandedOver)
    if (answer === null || run === undefined) return
    run.isHandedOver = true
    answer({ id: run.id, argv: run.argv })
  }
}

function expectQuestion(known: Known): void {
  clearTimeout(known.silence)
  known.silence = setTimeout(() => end(known), longestSilenceMs).unref()
}

function end({ runs, silence }: Known): void {
  clearTimeout(silence)
  for (const run of runs.values()) run.reject(failure(run, 'its carrier ended'))
}

const failure = ({ argv }: ToolRun, reason: string): Error =>
  new Error(`running ${argv.join(' ')}: ${reason}`)
