import type { Answer } from '../model/wire.ts'
import type { Exchange } from './conversation.ts'

/** One thing to do: a tool call, or ending the turn, with some words or because it cannot go on. */
export type Step = ToolStep | { readonly type: 'speak' | 'complain'; readonly text: string }

export interface ToolStep {
  readonly type: 'call'
  readonly tool: string
  readonly input: Readonly<Record<string, unknown>>
  /** Not needed when what was just read holds this text. */
  readonly unless?: string
}

export const call = (
  tool: string,
  input: Readonly<Record<string, unknown>>,
  unless?: string,
): ToolStep => ({
  type: 'call',
  tool,
  input,
  ...(unless === undefined ? {} : { unless }),
})

export const speak = (text: string): Step => ({ type: 'speak', text })

export const complain = (text: string): Step => ({ type: 'complain', text })

export const toAnswer = (step: Step): Answer => ({
  blocks: [
    step.type === 'call'
      ? { type: 'tool_use', name: step.tool, input: step.input }
      : { type: 'text', text: step.text },
  ],
})

/**
 * More failures than this within one turn are no slip but a fault of the system under rehearsal,
 * which then shall see an instance that gives up.
 */
const patience = 6

/** The step to take after what was done so far; a step that failed is mended and taken again. */
export function nextStep(
  steps: readonly Step[],
  done: readonly Exchange[],
  mend: (step: ToolStep, reason: string) => readonly Step[],
): Step {
  const failures = done.filter(hasFailed)
  const last = failures.at(-1)
  if (last && failures.length > patience)
    return complain(`I give up: ${last.tool} keeps failing: ${last.result?.text ?? 'no answer'}`)
  return (
    done.reduce((remaining, exchange) => advance(remaining, exchange, mend), steps)[0] ??
    speak('There is nothing left to do.')
  )
}

function advance(
  remaining: readonly Step[],
  exchange: Exchange,
  mend: (step: ToolStep, reason: string) => readonly Step[],
): readonly Step[] {
  const [step, ...rest] = remaining
  if (step?.type !== 'call' || step.tool !== exchange.tool) return remaining
  if (hasFailed(exchange)) return [...mend(step, exchange.result?.text ?? ''), ...remaining]
  const next = rest[0]
  const isNeedless =
    next?.type === 'call' &&
    next.unless !== undefined &&
    exchange.result?.text.includes(next.unless)
  return isNeedless ? rest.slice(1) : rest
}

export const hasFailed = ({ result }: Exchange): boolean => result === null || result.failed
