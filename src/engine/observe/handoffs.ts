import type { InstanceId, Instant } from '../../core/model/ids.ts'
import type { Prompt } from '../../core/model/instance.ts'
import type { Change } from '../dispatch/dispatcher.ts'

export interface HandoffFigures {
  readonly count: number
  readonly p50Ms: number | null
  readonly p95Ms: number | null
}

/**
 * `same`: the Stop hook's answer carried the prompt. `fresh`: it was typed into a cleared
 * conversation. `typed`: it was typed into the same conversation. `answer` is the server's part of
 * `same`: from the arrival of the Stop hook to its answer, with the commit in between.
 */
export type Handoffs = Readonly<Record<'same' | 'fresh' | 'typed' | 'answer', HandoffFigures>>

const kindOf = {
  answered: 'same',
  'typed-fresh': 'fresh',
  typed: 'typed',
} as const satisfies Record<Prompt['way'], keyof Handoffs>

/** The figures describe this many of the latest handoffs. */
const maxSamples = 1_000

/**
 * Measures from a Stop hook to the confirmation of the next prompt, if the Stop hook led to that
 * prompt at once. The time in which a worker waits for a task is not a handoff.
 */
export class HandoffMeter {
  readonly #stops = new Map<InstanceId, { readonly at: Instant; readonly prompt: string }>()
  readonly #samples: Record<keyof Handoffs, number[]> = {
    same: [],
    fresh: [],
    typed: [],
    answer: [],
  }

  onChange({ before, after, entry: { event } }: Change): void {
    if (!('instance' in event)) return
    const { instance: id, at } = event
    const phaseBefore = before.instances.get(id)?.phase
    const phase = after.instances.get(id)?.phase
    if (event.type === 'turn-ended') {
      if (phase?.name === 'prompted') this.#stops.set(id, { at, prompt: phase.prompt.id })
      else this.#stops.delete(id)
    }
    const stop = this.#stops.get(id)
    if (
      phaseBefore?.name === 'prompted' &&
      phase?.name === 'working' &&
      stop?.prompt === phase.prompt.id
    ) {
      this.#stops.delete(id)
      this.#addSample(kindOf[phaseBefore.prompt.way], at - stop.at)
    }
  }

  /** Adds the time that the server took to answer a Stop hook with a prompt. */
  recordAnswer(ms: number): void {
    this.#addSample('answer', ms)
  }

  get figures(): Handoffs {
    const { same, fresh, typed, answer } = this.#samples
    return {
      same: figuresOf(same),
      fresh: figuresOf(fresh),
      typed: figuresOf(typed),
      answer: figuresOf(answer),
    }
  }

  #addSample(kind: keyof Handoffs, ms: number): void {
    const samples = this.#samples[kind]
    samples.push(ms)
    if (samples.length > maxSamples) samples.shift()
  }
}

function figuresOf(samples: readonly number[]): HandoffFigures {
  const sorted = samples.toSorted((a, b) => a - b)
  const quantile = (share: number): number | null =>
    sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null
  return { count: sorted.length, p50Ms: quantile(0.5), p95Ms: quantile(0.95) }
}
