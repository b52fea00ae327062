import { z } from 'zod'
import type { InstanceFact } from '../core/event.ts'

type HeardByHook = 'session-started' | 'prompt-confirmed' | 'turn-ended' | 'turn-failed' | 'sign-of-life'

/** What a hook tells, in our words; whoever took the request adds which launch said it, when, and whether it still waits. */
export type HookFact =
  Extract<InstanceFact, { type: HeardByHook }> extends infer Each
    ? Each extends unknown
      ? Omit<Each, 'instance' | 'launch' | 'sequence' | 'isAnswerable'>
      : never
    : never

export interface Unreadable {
  readonly type: 'unreadable'
  readonly reason: string
}

/** Reads what Claude Code gave to the hook `event`. Its payloads change with its versions: what is not needed may be missing or new. */
export function readHook(event: string, body: unknown): HookFact | Unreadable {
  const said = z.looseObject({ hook_event_name: z.string().default(event) }).safeParse(body)
  if (!said.success) return { type: 'unreadable', reason: `the body of ${event} is not a hook's` }
  if (said.data.hook_event_name !== event)
    return { type: 'unreadable', reason: `the body of ${event} is one of ${said.data.hook_event_name}` }
  const read = readers.get(event)?.safeParse(body)
  if (read === undefined) return { type: 'sign-of-life' }
  return read.success ? read.data : { type: 'unreadable', reason: `${event}: ${z.prettifyError(read.error)}` }
}

/** A Stop hook's answer that lets the conversation go on with `reason`; 10,000 characters and more would reach the model as a file. */
export const blockStop = (reason: string) => ({ decision: 'block', reason }) as const

/** Every fact is kept in the journal: a worker may not fill it with one message. */
const longest = 4_000
const capped = z.string().transform((text) => text.slice(0, longest))

/** Inside a subagent Claude Code names it. */
const subagent = z.string().optional().catch(undefined)

const readerOf: Readonly<Record<string, z.ZodType<HookFact>>> = {
  SessionStart: z
    .looseObject({ source: z.enum(['startup', 'resume', 'clear', 'compact']).catch('startup') })
    .transform(({ source }) => ({ type: 'session-started', source })),

  UserPromptSubmit: z.looseObject({ prompt: capped }).transform(({ prompt }) => ({ type: 'prompt-confirmed', text: prompt })),

  Stop: z
    .looseObject({
      agent_id: subagent,
      last_assistant_message: capped.catch(''),
      background_tasks: z.array(z.looseObject({ status: z.string().catch('running') })).catch([]),
    })
    .transform((body) =>
      body.agent_id === undefined
        ? {
            type: 'turn-ended',
            backgroundTasks: body.background_tasks.filter(({ status }) => status === 'running').length,
            lastMessage: body.last_assistant_message,
          }
        : { type: 'sign-of-life' },
    ),

  StopFailure: z
    .looseObject({ agent_id: subagent, error: z.string().max(100).catch('unknown'), last_assistant_message: capped.catch('') })
    .transform((body) => ({
      type: 'turn-failed',
      kind: body.error,
      message: body.last_assistant_message,
      inSubagent: body.agent_id !== undefined,
    })),
}

const readers = new Map(Object.entries(readerOf))
