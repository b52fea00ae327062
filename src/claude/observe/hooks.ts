import { z } from 'zod'
import type { InstanceEvent } from '../../core/model/event.ts'
import type { Instant } from '../../core/model/ids.ts'
import { readModelError } from './model-error.ts'

type HookEventType =
  | 'session-started'
  | 'prompt-confirmed'
  | 'turn-ended'
  | 'turn-failed'
  | 'settings-read'
  | 'sign-of-life'

/**
 * A hook as an event. The route adds the launch, the sequence, and whether the hook still waits.
 */
export type HookEvent =
  Extract<InstanceEvent, { type: HookEventType }> extends infer Each
    ? Each extends unknown
      ? Omit<Each, 'instance' | 'launch' | 'sequence' | 'isAnswerable'>
      : never
    : never

export interface Unreadable {
  readonly type: 'unreadable'
  readonly reason: string
}

const anyHook = z.looseObject({ hook_event_name: z.string().optional() })

/**
 * Reads the payload that Claude Code passes to the hook `event`. Payloads change between versions:
 * unused keys may be missing or new.
 */
export function readHook(event: string, body: unknown, now: Instant): HookEvent | Unreadable {
  const payload = anyHook.safeParse(body)
  if (!payload.success)
    return { type: 'unreadable', reason: `the body of ${event} is not a hook's` }
  const { hook_event_name: name = event } = payload.data
  if (name !== event)
    return { type: 'unreadable', reason: `the body of ${event} is one of ${name}` }
  const read = readers.get(event)
  return read === undefined ? { type: 'sign-of-life' } : read(body, now)
}

/**
 * A Stop hook's answer that continues the conversation with `reason`. From 10,000 characters on it
 * would reach the model as a file.
 */
export const blockStop = (reason: string) => ({ decision: 'block', reason }) as const

/** Limits the size of a message in the journal. */
const longest = 4_000
const capped = z.string().transform((text) => text.slice(0, longest))

/** Set when the hook comes from a subagent. */
const subagent = z.string().optional().catch(undefined)

/** Seconds since the epoch, up to the year 9999; the hook client adds it from the transcript. */
const reset = z.number().positive().max(253_402_300_799).optional().catch(undefined)

type Reader = (body: unknown, now: Instant) => HookEvent | Unreadable

const reader =
  <Shape extends z.ZodType>(
    shape: Shape,
    toEvent: (body: z.output<Shape>, now: Instant) => HookEvent,
  ): Reader =>
  (body, now) => {
    const read = shape.safeParse(body)
    return read.success
      ? toEvent(read.data, now)
      : { type: 'unreadable', reason: z.prettifyError(read.error) }
  }

const readers = new Map<string, Reader>([
  [
    'SessionStart',
    reader(
      z.looseObject({ source: z.enum(['startup', 'resume', 'clear', 'compact']).catch('startup') }),
      ({ source }) => ({
        type: 'session-started',
        source,
      }),
    ),
  ],
  [
    'UserPromptSubmit',
    reader(z.looseObject({ prompt: capped }), ({ prompt }) => ({
      type: 'prompt-confirmed',
      text: prompt,
    })),
  ],
  [
    'Stop',
    reader(
      z.looseObject({
        agent_id: subagent,
        last_assistant_message: capped.catch(''),
        background_tasks: z.array(z.looseObject({ status: z.string().catch('running') })).catch([]),
      }),
      ({ agent_id, last_assistant_message, background_tasks }) =>
        agent_id === undefined
          ? {
              type: 'turn-ended',
              backgroundTasks: background_tasks.filter(({ status }) => status === 'running').length,
              lastMessage: last_assistant_message,
            }
          : { type: 'sign-of-life' },
    ),
  ],
  [
    'StopFailure',
    reader(
      z.looseObject({
        agent_id: subagent,
        error: z.string().max(100).catch('unknown'),
        last_assistant_message: capped.catch(''),
        resets_at: reset,
      }),
      ({ agent_id, error, last_assistant_message: message, resets_at }, now) => ({
        type: 'turn-failed',
        modelError: readModelError(
          error,
          message,
          now,
          resets_at === undefined ? null : resets_at * 1_000,
        ),
        message,
        inSubagent: agent_id !== undefined,
      }),
    ),
  ],
  ['ConfigChange', reader(z.looseObject({}), () => ({ type: 'settings-read' }))],
])
