import { randomUUID } from 'node:crypto'
import { link, mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Commit } from '../../../core/model/ids.ts'
import type { Environment } from '../command/environment.ts'
import { fetchRefs } from './fetch.ts'
import { type Call, createGit, type Git } from '../command/git.ts'
import { resolveAllFetched, resolveFetched, setRefs } from '../objects/refs.ts'

/** A repository of the server, and the environment for git in it. */
export interface Hub {
  readonly path: string
  readonly environment: Environment
}

/** A repository of its own beside the hub, in which what was fetched stays until it is accepted. */
export interface Quarantine extends AsyncDisposable {
  /** Git with the refs of `seenFrom`, which also sees the objects here, and writes its own here. */
  readonly git: Git
  /** Git that sees the objects here and no others. */
  readonly alone: Git
  /** Fetches refs of another repository; `refs` maps each one to its name here. */
  fetch(address: string, refs: Readonly<Record<string, string>>, call: Call): Promise<void>
  resolve(name: string): Promise<Commit>
  resolveAll(names: readonly string[]): Promise<readonly Commit[]>
  /** Moves the packs into the hub, then sets the hub's refs. */
  accept(refs: Readonly<Record<string, Commit>>): Promise<void>
}

/**
 * Opens a quarantine; disposing of it deletes it. Objects enter the hub only as packs, so git must
 * not unpack what it fetches (`fetch.unpackLimit=1`). `seenFrom`: the repository whose refs git
 * here sees, when what is accepted goes into another one that borrows from it.
 */
export async function openQuarantine(hub: Hub, seenFrom: Hub = hub): Promise<Quarantine> {
  const place = join(quarantines(hub.path), randomUUID())
  const objects = join(place, 'objects')
  await mkdir(join(objects, 'pack'), { recursive: true })
  await mkdir(join(place, 'refs'))
  await writeFile(join(place, 'config'), '[core]\n\trepositoryformatversion = 0\n\tbare = true\n')
  await writeFile(join(place, 'HEAD'), 'ref: refs/heads/none\n')
  const ofHub = { GIT_ALTERNATE_OBJECT_DIRECTORIES: JSON.stringify(join(hub.path, 'objects')) }
  // The other side is not shown the commits of backups, and cannot build on one that it guesses.
  const shown = { GIT_ALTERNATE_OBJECT_DIRECTORIES: JSON.stringify(join(seenFrom.path, 'objects')) }
  const alone = createGit(place, hub.environment)
  const here = createGit(place, { ...hub.environment, ...ofHub })
  return {
    git: createGit(seenFrom.path, { ...hub.environment, ...ofHub, GIT_OBJECT_DIRECTORY: objects }),
    alone,
    fetch: (address, refs, call) =>
      fetchRefs(alone, address, refs, {
        ...call,
        environment: { ...(call.environment ?? hub.environment), ...shown },
        config: ['fetch.unpackLimit=1', ...(call.config ?? [])],
      }),
    resolve: (name) => resolveFetched(here, name),
    resolveAll: (names) => resolveAllFetched(here, names),
    accept: async (refs) => {
      await writeRecord(place, Object.values(refs))
      await copyPacks(place, hub.path)
      await setRefs(createGit(hub.path, hub.environment), refs)
    },
    [Symbol.asyncDispose]: () => remove(place),
  }
}

/**
 * Deletes the quarantines of a server that was killed, with the packs that it had moved into the
 * hub without setting the refs. Call it while nothing is fetched.
 */
export async function removeQuarantines(hub: Hub): Promise<void> {
  const git = createGit(hub.path, hub.environment)
  for (const name of await namesIn(quarantines(hub.path))) {
    const place = join(quarantines(hub.path), name)
    if (!(await isNeeded(git, place))) await takePacksBack(place, hub.path)
    await remove(place)
  }
  await remove(quarantines(hub.path))
}

const quarantines = (hub: string): string => `${hub}.incoming`

/** The commits of the refs that were to be set: written before the first pack is moved. */
const record = 'accepted'
const wholeRecord = 'end'

const packsOf = (repository: string): string => join(repository, 'objects/pack')

/** The index comes last: git takes a pack into use by its index. */
const packFiles = ['.pack', '.rev', '.idx'] as const

/** Links, so that a crash leaves a trace here of what is there. A pack that is there stays. */
async function copyPacks(place: string, hub: string): Promise<void> {
  const names = await namesIn(packsOf(place))
  for (const kind of packFiles)
    for (const name of names.filter((each) => each.endsWith(kind)))
      await link(join(packsOf(place), name), join(packsOf(hub), name)).catch(unlessThere)
  await syncDirectory(packsOf(hub))
}

function unlessThere(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
}

async function takePacksBack(place: string, hub: string): Promise<void> {
  for (const kind of packFiles.toReversed())
    for (const name of (await namesIn(packsOf(place))).filter((each) => each.endsWith(kind))) {
      const [own, there] = [join(packsOf(place), name), join(packsOf(hub), name)]
      const [here, moved] = [await stat(own), await stat(there).catch(() => null)]
      if (moved?.ino === here.ino && moved.dev === here.dev) await rm(there)
    }
}

/**
 * Whether a ref of the hub needs the packs: its own, or that of another quarantine, which fetched
 * less because it saw them. Without a whole record nothing was moved.
 */
async function isNeeded(git: Git, place: string): Promise<boolean> {
  const commits = (await readFile(join(place, record), 'utf8').catch(() => '')).split('\n')
  if (commits.at(-1) !== wholeRecord) return true
  for (const commit of commits.slice(0, -1)) {
    const args = ['for-each-ref', '--count=1', '--contains', commit]
    const { text } = await git(args, { answers: [128, 129] })
    if (text !== '') return true
  }
  return false
}

/** On the disk before the first pack is moved. */
async function writeRecord(place: string, commits: readonly Commit[]): Promise<void> {
  await using file = await open(join(place, record), 'w')
  await file.writeFile([...commits, wholeRecord].join('\n'))
  await file.sync()
  await syncDirectory(place)
}

/** So that the files are found in the directory after a power cut. */
async function syncDirectory(path: string): Promise<void> {
  await using directory = await open(path)
  await directory.sync()
}

const namesIn = (directory: string): Promise<readonly string[]> =>
  readdir(directory).catch(() => [])

/** A git that is being killed may still write there. */
const remove = (place: string): Promise<void> =>
  rm(place, { recursive: true, force: true, maxRetries: 10 })
