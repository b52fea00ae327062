import type { InstanceId, Instant } from '../../core/model/ids.ts'
import type { Prompt } from '../../core/model/instance.ts'
import type { Change } from '../dispatch/dispatcher.ts'

export interface HandoffFigures {
  readonly count: number
  readonly p50Ms: number | null
  readonly p95Ms: number | null
}

/**
 * `same`: the Stop hook's answer carried the prompt; `fresh`: it was typed into a cleared conversation; `typed`: into the same one.
 * `answer` is the server's own part of `same`: from the arrival of the Stop hook to its answer, the commit between them included.
 */
export type Handoffs = Readonly<Record<'same' | 'fresh' | 'typed' | 'answer', HandoffFigures>>

const kindOf = {
  answered: 'same',
  'typed-fresh': 'fresh',
  typed: 'typed',
} as const satisfies Record<Prompt['way'], keyof Handoffs>

/** How many of the latest handoffs the figures describe. */
const memory = 1_000

/**
 * Measures from the moment a Stop hook was taken to the confirmation of the prompt that answered it, when that prompt was
 * decided at once; time that a worker waited for work to exist is not a handoff.
 */
export class HandoffMeter {
  readonly #stopped = new Map<InstanceId, { readonly at: Instant; readonly prompt: string }>()
  readonly #taken: Record<keyof Handoffs, number[]> = { same: [], fresh: [], typed: [], answer: [] }

  note({ before, after, entry: { event } }: Change): void {
    if (!('instance' in event)) return
    const { instance: id, at } = event
    const was = before.instances.get(id)?.phase
    const is = after.instances.get(id)?.phase
    if (event.type === 'turn-ended') {
      if (is?.name === 'prompted') this.#stopped.set(id, { at, prompt: is.prompt.id })
      else this.#stopped.delete(id)
    }
    const stop = this.#stopped.get(id)
    if (was?.name === 'prompted' && is?.name === 'working' && stop?.prompt === is.prompt.id) {
      this.#stopped.delete(id)
      this.#take(kindOf[was.prompt.way], at - stop.at)
    }
  }

  noteAnswer(ms: number): void {
    this.#take('answer', ms)
  }

  get figures(): Handoffs {
    const { same, fresh, typed, answer } = this.#taken
    return {
      same: figuresOf(same),
      fresh: figuresOf(fresh),
      typed: figuresOf(typed),
      answer: figuresOf(answer),
    }
  }

  #take(kind: keyof Handoffs, ms: number): void {
    const taken = this.#taken[kind]
    taken.push(ms)
    if (taken.length > memory) taken.shift()
  }
}

function figuresOf(taken: readonly number[]): HandoffFigures {
  const sorted = taken.toSorted((a, b) => a - b)
  const quantile = (share: number): number | null =>
    sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null
  return { count: sorted.length, p50Ms: quantile(0.5), p95Ms: quantile(0.95) }
}
