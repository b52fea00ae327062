import { z } from 'zod'
import { time } from './time.ts'

export const instanceView = z.object({
  /** `manager`, `worker-1` … */
  id: z.string(),
  role: z.enum(['manager', 'worker', 'reviewer']),
  /** `limited`: stopped by a model error; `resting`: waits before the next start. */
  phase: z.enum([
    'absent',
    'starting',
    'ready',
    'prompted',
    'working',
    'limited',
    'resting',
    'quarantined',
    'stopping',
    'stopped',
  ]),
  since: time,
  /** When the phase ends by itself; null when it has no such time. */
  until: time.nullable(),
  reason: z.string().nullable(),
  /** The number of its current start. */
  launch: z.number().int(),
  task: z.string().nullable(),
  credential: z.string().nullable(),
  /** The name of its container; null where instances run without one. */
  container: z.string().nullable(),
  /**
   * A turn that gave no sign of life for `limits.silenceMinutes`, but whose screen shows that it
   * works: since when it is silent, the tool that runs as far as the screen shows it, and whether
   * it is being interrupted. Otherwise null.
   */
  busy: z
    .object({ since: time, tool: z.string().nullable(), isInterrupted: z.boolean() })
    .nullable(),
  /**
   * Why it is replaced as soon as it is ready and holds no task: it runs on an older image or older
   * tools than a start would give it now. Null when it does not.
   */
  outdated: z.string().nullable(),
  /** What a human must do; null when nothing. */
  needs: z.string().nullable(),
})

/**
 * The body of a request to move an instance; null releases its credential and picks another one.
 */
export const instanceMove = z.strictObject({ credential: z.string().min(1).max(64).nullable() })

export type InstanceView = z.infer<typeof instanceView>
