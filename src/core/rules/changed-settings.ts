import type { Draft } from '../model/draft.ts'
import type { ChangedSetting } from '../model/event.ts'
import { isRunning } from '../model/instance.ts'
import { restartWithoutPenalty } from './lifecycle.ts'

/**
 * A launch has the settings that it was started with. Where they are others now, its work is saved
 * and it starts again; so no instance goes on with a setting that the operator has replaced.
 */
export function applyChangedSettings(draft: Draft, changed: readonly ChangedSetting[]): void {
  const named = changed.filter(({ effect }) => effect === 'restart').map(({ setting }) => setting)
  const cause = `settings changed: ${named.join('; ')}`
  for (const { id, phase } of draft.state.instances.values())
    if (named.length > 0 && (isRunning(phase) || phase.name === 'starting'))
      restartWithoutPenalty(draft, id, cause)
}
