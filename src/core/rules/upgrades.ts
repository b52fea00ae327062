import type { Draft } from '../model/draft.ts'
import { type Instance, isRunning } from '../model/instance.ts'
import { restartWithoutPenalty } from './lifecycle.ts'

/**
 * The launch runs on what a start would no longer give it. One that the server cannot work with is
 * replaced at once, any other one at its next quiet moment. False when its launch is over.
 */
export function noteOutdated(
  draft: Draft,
  { id, phase }: Instance,
  { reason, isUsable }: { readonly reason: string; readonly isUsable: boolean },
): boolean {
  if (!isRunning(phase)) return false
  draft.setInstance(id, { outdated: reason })
  if (!isUsable) restartWithoutPenalty(draft, id, causeOf(reason))
  return true
}

/** Between two tasks nothing is lost: the files and the conversation stay. */
export function replaceOutdated(draft: Draft): void {
  for (const { id, phase, task, outdated } of draft.state.instances.values())
    if (outdated !== null && phase.name === 'ready' && task === null)
      restartWithoutPenalty(draft, id, causeOf(outdated))
}

const causeOf = (reason: string): string => `it is replaced: ${reason}`
