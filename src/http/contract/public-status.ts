import { z } from 'zod'
import { instanceView } from './instance.ts'
import { mergeView } from './merge.ts'
import { runView } from './run.ts'
import { taskView } from './task.ts'

const count = z.number().int()

/** The keys are phases; those with no entry are left out. */
const byPhase = (phases: z.ZodEnum) => z.partialRecord(phases, count)

/**
 * What `/status` answers without a token: no text of an agent, a repository or the operator's
 * settings.
 */
export const publicStatusView = z.object({
  run: runView.pick({ id: true, phase: true, since: true }),
  instances: z
    .array(instanceView.pick({ id: true, role: true, phase: true, since: true }))
    .readonly(),
  counts: z.object({
    tasks: byPhase(taskView.shape.phase),
    merges: byPhase(mergeView.shape.phase),
  }),
  /** How many of each kind wait for a human. */
  needs: z.object({
    run: count,
    instances: count,
    tasks: count,
    credentials: count,
    state: count,
  }),
  /** The name of the tmux socket, for `tmux -L <socket> attach`. */
  terminals: z.object({ socket: z.string() }),
  /** How to see more. */
  hint: z.string(),
})

export type PublicStatusView = z.infer<typeof publicStatusView>
