import { mkdir, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { BackupId } from '../../../core/model/ids.ts'
import { basesOf, historyOf, keepBases } from './backup-bases.ts'
import { createGit, type Git, GitFailure } from '../command/git.ts'
import { hubLimits } from '../command/limits.ts'
import type { Hub } from '../transfer/quarantine.ts'
import { backupRef, deleteRef, resolveRef, setRef } from '../objects/refs.ts'
import { namesIn, tidy } from '../transfer/tidy.ts'

/**
 * The repository beside the hub that holds the backups. No instance sees it. It borrows the hub's
 * objects, so it has only what the hub lacks.
 */
export interface BackupRepository extends Hub {
  /** Git in it. */
  readonly git: Git
  readonly hub: Hub
  /** Git in the hub that sees the objects of backups, too. */
  readonly withHub: Git
}

export function openBackups(path: string, hub: Hub): BackupRepository {
  const { environment } = hub
  const own = { GIT_ALTERNATE_OBJECT_DIRECTORIES: JSON.stringify(join(path, 'objects')) }
  return {
    path,
    environment,
    git: createGit(path, environment),
    hub,
    withHub: createGit(hub.path, { ...environment, ...own }),
  }
}

/**
 * Makes the repository, or opens it, and moves there the backups that an older server kept in the
 * hub. Call it when the hub is ready and nothing is fetched.
 */
export async function prepareBackups(backups: BackupRepository): Promise<void> {
  if ((await namesIn(backups.path)).length === 0) await make(backups)
  else {
    await borrow(backups.path, backups)
    await tidy(backups)
  }
  await moveFromHub(backups)
}

/** Beside its place, so that what is at the place is whole. */
async function make(backups: BackupRepository): Promise<void> {
  const unfinished = `${backups.path}.new`
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(join(unfinished, 'objects/info'), { recursive: true })
  await createGit(unfinished, backups.environment)(['init', '--bare', '--template='])
  await borrow(unfinished, backups)
  await rename(unfinished, backups.path)
}

/** At every start: a moved or damaged state directory is mended. The path is relative for that. */
async function borrow(place: string, { hub }: BackupRepository): Promise<void> {
  const file = join(place, 'objects/info/alternates')
  await mkdir(join(place, 'objects/info'), { recursive: true })
  const [own, borrowed] = [join(place, 'objects'), join(hub.path, 'objects')]
  // git goes up from the real place.
  const way = relative(await realpath(own), await realpath(borrowed))
  await writeFile(`${file}.new`, `${way}\n`)
  await rename(`${file}.new`, file)
}

/**
 * One after the other, each first here and then out of the hub: after a kill, the next start goes
 * on. One that git cannot read stays in the hub, and its removal removes it there.
 */
async function moveFromHub(backups: BackupRepository): Promise<void> {
  const inHub = createGit(backups.hub.path, backups.environment)
  const { text } = await inHub(['for-each-ref', '--format=%(refname)', 'refs/backup'])
  for (const ref of text.split('\n').filter((line) => line !== ''))
    await move(backups, inHub, BackupId(ref.slice(backupRef(BackupId('')).length))).catch(
      (error: unknown) => {
        if (!(error instanceof GitFailure)) throw error
      },
    )
}

async function move(backups: BackupRepository, inHub: Git, backup: BackupId): Promise<void> {
  const commit = await resolveRef(inHub, backupRef(backup))
  const history = await historyOf(inHub, commit)
  const bases = basesOf(commit, history, new Set())
  await keepBases(inHub, backup, bases)
  const revisions = [commit, ...bases.map((base) => `^${base}`)]
  await backups.git(
    ['pack-objects', '--revs', '--quiet', join(backups.path, 'objects/pack/pack')],
    { input: `${revisions.join('\n')}\n`, limits: patient },
  )
  await setRef(backups.git, backupRef(backup), commit)
  await deleteRef(inHub, backupRef(backup))
}

/** A start may take long; what was saved was within the limits of its day. */
const { cpuSeconds: _, ...patient } = hubLimits
