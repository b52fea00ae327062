import { Commit } from '../../../core/model/ids.ts'
import { type Git, LimitExceeded } from '../command/git.ts'
import type { Quarantine } from './quarantine.ts'
import { commitsBeyond, commonAncestor, upstreamRef } from '../objects/refs.ts'

/**
 * What one intake may bring. Only what is new counts, so a repository of any size passes; see
 * ADR 30.
 */
export const bounds = {
  /** Files that the tip adds or changes. */
  files: 100_000,
  /** Directories above a file that the tip adds or changes. */
  depth: 64,
  /** GitHub refuses larger files, too. */
  /** Linux takes no longer path. */
  pathBytes: 4_096,
  fileBytes: 100 * 1024 ** 2,
  commits: 10_000,
  merges: 50,
  /** Objects of every kind. */
  objects: 1_000_000,
} as const

/** Git beside a quarantine: in the hub, with the new objects, and with nothing else. */
interface Views extends Pick<Quarantine, 'git' | 'alone'> {
  readonly hub: Git
}

/**
 * Why the commit is too much to enter the hub, and what to change; null when it is not. It lists
 * the new objects, and the paths in which the tip differs from what the hub has. Git ends as soon
 * as a list grows beyond its bound.
 */
export async function findExcess(views: Views, main: Main, commit: Commit): Promise<string | null> {
  return (await excessOfObjects(views)) ?? (await excessOfTip(views.git, main, commit))
}

/** The target, and its head. */
interface Main {
  readonly target: string
  readonly head: Commit
}

async function excessOfObjects({ hub, alone }: Views): Promise<string | null> {
  const listing = await listed(alone, [
    'cat-file',
    '--batch-all-objects',
    '--unordered',
    '--buffer',
    '--batch-check=%(objecttype) %(objectsize) %(objectname)',
  ])
  const objects = listing?.split('\n') ?? []
  if (listing === null || objects.length > bounds.objects)
    return `it brings more than ${bounds.objects} objects: bring less at a time`
  const commits = objects.filter((line) => line.startsWith('commit ')).length
  if (commits > bounds.commits)
    return `it brings ${commits} new commits, of at most ${bounds.commits}: squash them`
  const large = objects
    .map((line) => line.split(' '))
    .flatMap(([, size, name = '']) => (Number(size) > bounds.fileBytes ? [name] : []))
  const most = `${bounds.fileBytes / 1024 ** 2} MiB`
  return (await areInHub(hub, large))
    ? null
    : `it brings a file of more than ${most}: take it out of its commits`
}

/** Git adds to a pack what its objects build on, which may be in the hub already. */
async function areInHub(hub: Git, objects: readonly string[]): Promise<boolean> {
  if (objects.length === 0) return true
  const { text } = await hub(['cat-file', '--batch-check'], { input: `${objects.join('\n')}\n` })
  return !text.split('\n').some((line) => line.endsWith(' missing'))
}

async function excessOfTip(
  git: Git,
  { target, head }: Main,
  commit: Commit,
): Promise<string | null> {
  const upstream = upstreamRef(target)
  const merges = await countMerges(git, head, upstream, commit)
  if (merges > bounds.merges)
    return `it brings ${merges} new merges, of at most ${bounds.merges}: rebase or squash it`
  const left = await commonAncestor(git, head, commit)
  const excess = left === null ? null : await excessBeyond(git, left, commit)
  if (excess === null) return null
  // A merge of what others pushed to the origin brings all of that, too.
  const theirs = await commonAncestor(git, Commit(upstream), commit)
  return theirs === null || theirs === left ? excess : excessBeyond(git, theirs, commit)
}

/** Those of the origin count only where they may be too many: there, git counts again. */
async function countMerges(
  git: Git,
  head: Commit,
  upstream: string,
  commit: Commit,
): Promise<number> {
  const { commits } = await commitsBeyond(git, commit, head)
  const merges = commits.filter(({ parents }) => parents.length > 1).length
  if (merges <= bounds.merges) return merges
  const range = [commit, '--not', head, upstream]
  return Number((await git(['rev-list', '--count', '--merges', ...range])).text)
}

async function excessBeyond(git: Git, base: Commit, commit: Commit): Promise<string | null> {
  const filters = ['--no-renames', '--diff-filter=d']
  const listing = await listed(git, [
    'diff-tree',
    '-r',
    '-z',
    '--name-only',
    ...filters,
    base,
    commit,
  ])
  const paths = listing?.split('\0') ?? []
  if (listing === null || paths.length > bounds.files)
    return `it adds or changes more than ${bounds.files} files: bring less at a time`
  const isDeep = (path: string): boolean => path.split('/').length - 1 > bounds.depth
  if (paths.some(isDeep))
    return `it has a file below more than ${bounds.depth} directories: move it up`
  return paths.some((path) => Buffer.byteLength(path) > bounds.pathBytes)
    ? `it has a path of more than ${bounds.pathBytes} bytes: shorten it`
    : null
}

/** Null when the list is longer than any that passes. */
async function listed(git: Git, args: readonly string[]): Promise<string | null> {
  try {
    return (await git(args)).text
  } catch (error) {
    if (error instanceof LimitExceeded) return null
    throw error
  }
}
