import type { Command } from '../../core/model/command.ts'
import type { RepositoryOf } from '../../ports/repository.ts'
import type { Workspaces } from '../../ports/workspaces.ts'
import type { NewEvent } from '../dispatch/dispatcher.ts'

export interface SavingParts {
  readonly repositoryOf: RepositoryOf
  readonly workspaces: Workspaces
}

type SaveCommand = Extract<Command, { type: 'save-work' }>

/** Saves the work in a workspace to the hub, where no launch and no worker can lose it. */
export async function saveWork(
  { line, instance, task, backup }: SaveCommand,
  { repositoryOf, workspaces }: SavingParts,
): Promise<NewEvent> {
  await using salvage = await workspaces.salvage(instance, task)
  if (salvage === null) return { type: 'work-unchanged', backup }
  const outcome = await repositoryOf(line).backUp(instance, task, backup, salvage.uploadPack)
  switch (outcome.type) {
    case 'saved':
      return { type: 'work-saved', backup, commit: outcome.commit }
    case 'unchanged':
      return { type: 'work-unchanged', backup }
    case 'refused':
      return { type: 'work-not-saved', backup, reason: outcome.reason, isFinal: true }
  }
}
