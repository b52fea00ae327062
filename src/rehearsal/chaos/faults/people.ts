import { join } from 'node:path'
import { freezeOrigin } from '../../runner/origin-hook.ts'
import { type Setup, targetBranch } from '../../runner/setup.ts'
import { git } from '../../sample/repository.ts'
import { succeeds } from '../world/command.ts'
import type { Inject } from '../world/fault-context.ts'
import type { Pushed } from '../world/human.ts'
import { answerRewrite, rewrite } from '../world/rewrite.ts'

const contains = (repository: string, commit: string): Promise<boolean> =>
  succeeds(git(repository, 'merge-base', '--is-ancestor', commit, targetBranch))

/** The repair is that the hub has it. */
const takenIn = ({ state }: Setup, pushed: Pushed | null) =>
  pushed === null ? null : { isWhole: () => contains(join(state, 'hub.git'), pushed.commit) }

export const pushByHand: Inject = async ({ human, setup }, { number, dice }) =>
  takenIn(setup, await human.write(number, dice < 0.4 ? 'index' : 'readme'))

export const writeDirection: Inject = async ({ human, setup }, { number }) =>
  takenIn(setup, await human.write(number, 'direction'))

/** The server writes it again. */
export const deleteList: Inject = async ({ human, setup, status }, { dice }) => {
  const workers = status().instances.length - 1
  const path = `WORKER_${1 + Math.floor(dice * workers)}_TASK_LIST.md`
  const pushed = await human.delete(path)
  if (pushed === null) return null
  return {
    isWhole: async () =>
      (await contains(join(setup.state, 'hub.git'), pushed.commit)) &&
      (await succeeds(git(setup.origin, 'cat-file', '-e', `${targetBranch}:${path}`))),
  }
}

/**
 * Writes where the run has just merged. The origin refuses the run's pushes until then, so that the
 * person is the first.
 */
export const conflictByHand: Inject = async ({ human, setup }, { number }) => {
  const thaw = await freezeOrigin(setup)
  let pushed: Pushed | null = null
  return {
    heal: async () => {
      try {
        pushed = await human.write(number, 'contested')
      } finally {
        await thaw()
      }
    },
    isWhole: async () => pushed === null || (await contains(setup.origin, pushed.commit)),
  }
}

/** The person answers late. Until then nothing may be pushed over what they did. */
export const rewriteByHand: Inject = async (scene, { dice }) => {
  const done = await rewrite(scene, dice)
  if (done === null) return null
  return {
    heal: () => answerRewrite(scene, done),
    isWhole: async ({ status }) =>
      status !== null &&
      status.lines.every((line) => line.rewrite === null) &&
      (await contains(scene.setup.origin, done.before)),
  }
}
