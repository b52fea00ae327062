import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Setup } from './setup.ts'

/** The origin's hook lets pushes with this variable pass: those of a person. */
const personVariable = 'PUSHED_BY_A_PERSON'
/** For `git push`: as a person. */
export const receivePack = `--receive-pack=${personVariable}=1 git-receive-pack`

/** From now on the origin refuses every push but a person's; the returned function ends that. */
export const freezeOrigin = (setup: Pick<Setup, 'origin'>): Promise<() => Promise<void>> =>
  receiveWith(setup, () => "echo 'The branch is frozen.' >&2; exit 1")

/** From now on the origin takes pushes in and answers when that is ended, a person's excepted. */
export const slowOrigin = (setup: Pick<Setup, 'origin'>): Promise<() => Promise<void>> =>
  receiveWith(setup, (hook) => `while grep -q sleep '${hook}'; do sleep 0.1; done`)

/** The command of the origin's hook for the pushes of others than persons, until it is ended. */
async function receiveWith(
  { origin }: Pick<Setup, 'origin'>,
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
