import { randomUUID } from 'node:crypto'
import { lstat, readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { discard } from './discard.ts'
import { ensureBelow, ensureDirectory, type Owner } from './owned-file.ts'
import { isThere, openRegained, pathOf, regainRights, within } from './untrusted-file.ts'

/** What a launch takes over from the one before it, in a folder of its home. */
export interface Kept {
  readonly folder: string
  readonly kind: 'directory' | 'file'
  /** Of at most `mostNames` names; in a folder with more, nothing is kept. */
  readonly isKept: (name: string) => boolean
}

const mostNames = 2_000

/** Reports an error that does not stop the launch. */
type OnProblem = (what: string, error: unknown) => void

/**
 * Empties the home of an instance, except for what is kept: settings of shells and of git, and what
 * stands in the way of files that a launch needs, end with the launch that left them. Nothing of
 * the instance may run meanwhile.
 *
 * The former home stays beside it until all is moved, so that a server that is killed goes on here
 * at its next start. Entries are moved as they are: no link is followed. What cannot be kept is
 * deleted, and what cannot be deleted is set aside, so that the launch begins in any case.
 */
export async function freshHome(
  directory: string,
  owner: Owner,
  kept: readonly Kept[],
  onProblem: OnProblem,
): Promise<void> {
  const [home, former] = [join(directory, 'home'), join(directory, 'home.former')]
  if (!(await isThere(former))) {
    if (!(await isThere(home))) return ensureDirectory(home, owner)
    await rename(home, former)
  }
  await ensureDirectory(former, owner)
  await ensureDirectory(home, owner)
  for (const each of kept) await move({ former, home, owner, onProblem }, each)
  await discard(former).catch(async (error: unknown) => {
    const aside = `${former}.${randomUUID()}`
    onProblem(`deleting ${former} failed; delete ${aside} by hand`, error)
    // With its own name, it would make the next launch go on with the home of this one.
    await rename(former, aside)
  })
}

interface Move {
  readonly former: string
  readonly home: string
  readonly owner: Owner
  readonly onProblem: OnProblem
}

async function move(
  { former, home, owner, onProblem }: Move,
  { folder, kind, isKept }: Kept,
): Promise<void> {
  const { uid } = owner
  await using from = await openRegained({ root: former, below: folder, uid })
  if (from === null) return
  const names = await readdir(pathOf(from)).catch(() => [])
  const wanted = names.length > mostNames ? [] : names.filter(isKept)
  if (wanted.length === 0) return
  const place = { root: home, below: folder, uid }
  await ensureBelow(place, owner)
  await using to = await openRegained(place)
  if (to === null) return
  for (const name of wanted) {
    const [source, target] = [within(from, name), within(to, name)]
    await moveEntry(source, target, kind).catch((error: unknown) =>
      onProblem(`keeping ${join(former, folder, name)} failed; it is deleted`, error),
    )
  }
}

async function moveEntry(source: string, target: string, kind: Kept['kind']): Promise<void> {
  const found = await lstat(source)
  if (!(kind === 'file' ? found.isFile() : found.isDirectory())) return
  // A directory that moves gets another parent, for which it must be writable itself.
  if (kind === 'directory') await regainRights(source)
  await rename(source, target)
}
