import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { freezeOrigin, hangOrigin } from '../../runner/origin-hook.ts'
import { type Setup, targetBranch } from '../../runner/setup.ts'
import { git } from '../../sample/repository.ts'
import type { Inject } from '../world/fault-context.ts'

const isEqual = async ({ origin, state }: Setup): Promise<boolean> =>
  (await git(join(state, 'hub.git'), 'rev-parse', targetBranch)) ===
  (await git(origin, 'rev-parse', targetBranch))

/** It can neither be fetched from nor pushed to. */
export const hideOrigin: Inject = async ({ setup }) => {
  const { origin } = setup
  await rename(origin, `${origin}.away`)
  return { heal: () => rename(`${origin}.away`, origin), isWhole: () => isEqual(setup) }
}

/** As a branch that its host protects for a while: fetches work, pushes do not. */
export const refusePushes: Inject = async ({ setup }) => ({
  heal: await freezeOrigin(setup),
  isWhole: () => isEqual(setup),
})

export const holdPushes: Inject = async ({ setup }) => ({
  heal: await hangOrigin(setup),
  isWhole: () => isEqual(setup),
})
