import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { ScriptedFile } from '../players/script.ts'
import { git } from '../sample/repository.ts'
import { type Setup, targetBranch } from '../runner/setup.ts'

/** The origin's hook lets pushes with this variable pass: those of a person. */
const personVariable = 'PUSHED_BY_A_PERSON'
/** For `git push`: as a person. */
export const receivePack = `--receive-pack=${personVariable}=1 git-receive-pack`

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

/** From now on the origin refuses every push but a person's; the returned function ends that. */
export const freezeOrigin = (setup: Setup): Promise<() => Promise<void>> =>
  receiveWith(setup, () => "echo 'The branch is frozen.' >&2; exit 1")

/** From now on the origin takes pushes in and never answers, a person's excepted. */
export const hangOrigin = (setup: Setup): Promise<() => Promise<void>> =>
  receiveWith(setup, (hook) => `while grep -q sleep '${hook}'; do sleep 0.1; done`)

/** The command of the origin's hook for the pushes of others than persons, until it is ended. */
async function receiveWith(
  { origin }: Setup,
  commandFor: (hook: string) => string,
): Promise<() => Promise<void>> {
  const hook = join(origin, 'hooks', 'pre-receive')
  const replace = async (command: string): Promise<void> => {
    // A script that the shell is reading must not change.
    await writeFile(`${hook}.new`, `#!/bin/sh\n${command}\n`, { mode: 0o755 })
    await rename(`${hook}.new`, hook)
  }
  await mkdir(dirname(hook), { recursive: true })
  await replace(`[ -n "$${personVariable}" ] || { ${commandFor(hook)}; }`)
  return () => replace('exit 0')
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
