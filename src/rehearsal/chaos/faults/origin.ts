import { execFile } from 'node:child_process'
import { link, open, rename, rm } from 'node:fs/promises'
import { constants } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freezeOrigin, slowOrigin } from '../../runner/origin-hook.ts'
import { type Setup, targetBranch } from '../../runner/setup.ts'
import { git } from '../../sample/repository.ts'
import type { Inject } from '../world/fault-context.ts'

/** The origin has what the hub has. */
export const isPublished = async ({ origin, state }: Setup): Promise<boolean> => {
  const [hub, branch] = [join(state, 'hub.git'), targetBranch]
  return (await git(hub, 'rev-parse', branch)) === (await git(origin, 'rev-parse', branch))
}

/** It can neither be fetched from nor pushed to. */
export const hideOrigin: Inject = async ({ setup }) => {
  const { origin } = setup
  await rename(origin, `${origin}.away`)
  return { heal: () => rename(`${origin}.away`, origin), isWhole: () => isPublished(setup) }
}

/** As a branch that its host protects for a while: fetches work, pushes do not. */
export const refusePushes: Inject = async ({ setup }) => ({
  heal: await freezeOrigin(setup),
  isWhole: () => isPublished(setup),
})

/** It says nothing during a push, and takes it in the end. */
export const slowPushes: Inject = async ({ setup }) => ({
  heal: await slowOrigin(setup),
  isWhole: () => isPublished(setup),
})

/**
 * Every fetch and push begins and gets no answer: git waits for a writer of the file that names the
 * branch. Those that still wait at the end fail.
 */
export const hangOrigin: Inject = async ({ setup }) => {
  const head = join(setup.origin, 'HEAD')
  const [whole, pipe] = [`${head}.whole`, `${head}.pipe`]
  await promisify(execFile)('mkfifo', [pipe])
  await link(head, whole)
  await link(pipe, `${pipe}.held`)
  await rename(pipe, head)
  const heal = async (): Promise<void> => {
    await rename(whole, head)
    await freeReaders(`${pipe}.held`)
    await rm(`${pipe}.held`)
  }
  return { heal, isWhole: () => isPublished(setup) }
}

/** Without a reader the pipe cannot be opened like this, and none has to be freed. */
async function freeReaders(pipe: string): Promise<void> {
  const writer = await open(pipe, constants.O_WRONLY | constants.O_NONBLOCK).catch(() => null)
  await writer?.close()
}
