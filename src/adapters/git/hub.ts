import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Environment } from './command/environment.ts'
import { requireGit } from './command/require-git.ts'
import { createGit, type Git } from './command/git.ts'
import { refuseUnusable } from './origin/unusable.ts'
import { fetchFirst, type Origin } from './origin/origin.ts'
import { branchRef, findRef, resolveRef, setRef, upstreamRef } from './objects/refs.ts'
import { namesIn, tidy } from './transfer/tidy.ts'
import { readText } from './objects/tree.ts'

export interface HubLocation {
  readonly path: string
  readonly target: string
  /** The branch of the origin to which merged work is pushed; null for none. */
  readonly publishTo: string | null
  readonly origin: Origin
  readonly environment: Environment
}

/**
 * A hub is made beside its place and moved there when it is complete. So a hub at the place is
 * usable, and a failure or a kill leaves nothing there. A hub that has its target opens without the
 * origin: the run continues while the network is down.
 */
export async function prepareHub(place: HubLocation): Promise<void> {
  await mkdir(dirname(place.path), { recursive: true })
  await requireGit(createGit(dirname(place.path), place.environment))
  if ((await namesIn(place.path)).length === 0) await makeHub(place)
  else await openHub(place)
}

async function makeHub(place: HubLocation): Promise<void> {
  const unfinished = `${place.path}.new`
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(unfinished)
  try {
    const git = createGit(unfinished, place.environment)
    await git(['init', '--bare', '--template='])
    await adoptTarget(git, place)
    await rename(unfinished, place.path)
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true })
    throw error
  }
}

async function openHub(place: HubLocation): Promise<void> {
  const git = createGit(place.path, place.environment)
  await tidy(place)
  if ((await findRef(git, branchRef(place.target))) === null) await adoptTarget(git, place)
}

/** The target's ref is written last: a hub that has it is complete. */
async function adoptTarget(git: Git, place: HubLocation): Promise<void> {
  const { origin, target } = place
  await fetchFirst(git, origin, target)
  const head = await resolveRef(git, upstreamRef(target))
  const direction = await readText(git, head, 'PROJECT_DIRECTION.md')
  if (direction === null || direction.trim() === '') {
    throw new Error(
      `branch ${target} of ${origin.shown} has ${direction === null ? 'no' : 'an empty'} ` +
        'PROJECT_DIRECTION.md: ' +
        'write in it, as a regular file in the root, what is to be built, commit it to ' +
        `${target} and push`,
    )
  }
  await refuseUnusable(git, head, place)
  await git(['symbolic-ref', 'HEAD', branchRef(target)])
  await setRef(git, branchRef(target), head)
}
