import { type Commit, TaskId, workerId } from '../../src/core/model/ids.ts'
import { direction, openStage, type Stage } from './git-stage.ts'

export const one = workerId(1)
export const walls = TaskId('walls')

export type Place = Omit<Stage, 'repository'>

/** A ready hub, and how to take in and merge the branch of `worker-1`. */
export async function begin(files: Readonly<Record<string, string>> = direction) {
  const stage = await openStage(files)
  const repository = stage.repository()
  await repository.ensureReady()
  const takeIn = (task = walls, options: { readonly maxIntakeBytes?: number } = {}) =>
    stage.repository(options).takeIn(one, task, stage.uploadPack(one))
  const merge = (commit: Commit) =>
    repository.tryMerge({ task: walls, commit, message: `x\n\nTask: ${walls}\n`, ownFiles: {} })
  return {
    ...stage,
    repository,
    repositoryWith: stage.repository,
    takeIn,
    merge,
    [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose](),
  }
}
