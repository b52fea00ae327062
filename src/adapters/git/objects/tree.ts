import { taskListWorker } from '../../../core/text/task-list.ts'
import type { OwnFiles } from '../../../ports/repository.ts'
import { readBlobs } from './blobs.ts'
import type { Change } from './commit-builder.ts'
import type { Git } from '../command/git.ts'
import { remembered } from './remembered.ts'

/** A file as git lists it; its content is not trusted yet. */
export interface Entry {
  readonly path: string
  readonly mode: string
  readonly object: string
  readonly size: number
}

/** Larger files are not read as text. */
const maxTextBytes = 1024 * 1024

/** True for the task lists in the root and for any path below such a name. */
export const isTaskList = (path: string): boolean => taskListWorker(rootOf(path)) !== null

const rootOf = (path: string): string => path.split('/', 1)[0] ?? ''

export async function readText(git: Git, commit: string, path: string): Promise<string | null> {
  const entry = (await listEntries(git, commit, [path])).find((found) => found.path === path)
  if (!entry || !isReadable(entry)) return null
  return (await readBlobs(git, [entry])).get(entry.object)?.toString() ?? ''
}

export async function readTaskLists(git: Git, commit: string): Promise<OwnFiles> {
  const lists = (await listEntries(git, commit, [])).filter(
    (entry) => taskListWorker(entry.path) !== null && isReadable(entry),
  )
  const texts = await readBlobs(git, lists)
  return Object.fromEntries(
    lists.map(({ path, object }) => [path, texts.get(object)?.toString() ?? '']),
  )
}

export async function listRootFiles(git: Git, commit: string): Promise<readonly string[]> {
  const entries = await listEntries(git, commit, [])
  return entries.filter(({ mode }) => mode.startsWith('100')).map(({ path }) => path)
}

async function listEntries(
  git: Git,
  commit: string,
  paths: readonly string[],
): Promise<readonly Entry[]> {
  const { text } = await git(['ls-tree', '-z', '--long', '--full-tree', commit, '--', ...paths])
  return [...text.matchAll(/(\d+) \w+ ([0-9a-f]+) +(\d+|-)\t([^\0]+)\0/g)].map(
    ([, mode = '', object = '', size, path = '']) => ({
      path,
      mode,
      object,
      size: Number(size),
    }),
  )
}

/** Only regular files: a symbolic link's blob is a path that its author chose. */
function isReadable(entry: Entry): boolean {
  return (entry.mode === '100644' || entry.mode === '100755') && entry.size <= maxTextBytes
}

export interface Difference {
  readonly path: string
  readonly before: { readonly mode: string; readonly object: string } | null
  readonly after: { readonly mode: string; readonly object: string } | null
}

/** Compares file by file and does not follow renames. Both arguments are ids of trees. */
export async function compareTrees(
  git: Git,
  before: string,
  after: string,
): Promise<readonly Difference[]> {
  const text = await remembered(git, 'compare', [before, after], async () => {
    const args = ['diff-tree', '--stdin', '-r', '-z', '--no-renames', '--raw']
    return (await git(args, { input: `${before} ${after}\n` })).text
  })
  const records = text.matchAll(/:(\d+) (\d+) ([0-9a-f]+) ([0-9a-f]+) [A-Z]\0([^\0]+)\0/g)
  return [...records].map(
    ([, modeBefore = '', modeAfter = '', objectBefore = '', objectAfter = '', path = '']) => ({
      path,
      before: entryOrNull(modeBefore, objectBefore),
      after: entryOrNull(modeAfter, objectAfter),
    }),
  )
}

function entryOrNull(mode: string, object: string): Difference['before'] {
  return mode === '000000' ? null : { mode, object }
}

/** Restores every task list to its earlier content. */
export function restoreTaskLists(differences: readonly Difference[]): readonly Change[] {
  const touched = differences.filter(({ path }) => isTaskList(path))
  const names = [...new Set(touched.map(({ path }) => rootOf(path)))]
  return [
    ...names.map((path): Change => ({ type: 'delete', path })),
    ...touched.flatMap(({ path, before }): Change[] =>
      before ? [{ type: 'take', path, ...before }] : [],
    ),
  ]
}
