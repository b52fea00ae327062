import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { ScriptedFile } from '../players/script.ts'
import { git } from '../sample/repository.ts'
import { receivePack } from '../runner/origin-hook.ts'
import { type Setup, targetBranch } from '../runner/setup.ts'

/** Another person with a clone of the origin. */
export class Person {
  readonly clone: string
  readonly #setup: Setup

  constructor(setup: Setup, name: string) {
    this.#setup = setup
    this.clone = join(setup.root, `clone-of-${name}`)
  }

  /** Takes the origin's newest commits; returns its head. */
  async update(): Promise<string> {
    const { root, origin } = this.#setup
    await git(root, 'clone', '--quiet', '--branch', targetBranch, origin, this.clone).catch(
      async () => {
        await git(this.clone, 'fetch', '--quiet', 'origin')
        await git(this.clone, 'reset', '--quiet', '--hard', `origin/${targetBranch}`)
      },
    )
    return this.head()
  }

  head(): Promise<string> {
    return git(this.clone, 'rev-parse', 'HEAD')
  }

  async commit(files: readonly ScriptedFile[], message: string): Promise<string> {
    for (const { path, text } of files) {
      await mkdir(dirname(join(this.clone, path)), { recursive: true })
      await writeFile(join(this.clone, path), text)
    }
    await git(this.clone, 'add', '--all')
    await git(this.clone, 'commit', '--quiet', '--message', message)
    return this.head()
  }

  /** Also to a frozen origin. */
  async push(...more: readonly string[]): Promise<void> {
    const refs = `HEAD:refs/heads/${targetBranch}`
    await git(this.clone, 'push', '--quiet', receivePack, ...more, 'origin', refs)
  }
}

/** Whether the target branch of the repository contains the commit. */
export const contains = (repository: string, commit: string): Promise<boolean> =>
  git(repository, 'merge-base', '--is-ancestor', commit, targetBranch).then(
    () => true,
    () => false,
  )

/** Only ends with the run. */
export async function untilHubHas(
  { state }: Setup,
  commit: string,
  signal: AbortSignal,
): Promise<void> {
  while (!(await contains(join(state, 'hub.git'), commit))) await delay(200, undefined, { signal })
}
