import type { Commit } from '../../../core/model/ids.ts'
import { type Git, LimitExceeded } from '../command/git.ts'
import { firstPaths } from '../objects/paths.ts'
import { branchRef, commonAncestor, resolveRef, upstreamRef } from '../objects/refs.ts'

/** What the target did to the paths since the commit left it: the other side of a conflict. */
export async function describeChanges(
  git: Git,
  target: string,
  commit: Commit,
  paths: readonly string[],
  limit: number,
): Promise<string> {
  const head = await resolveRef(git, branchRef(target))
  return describeSide(git, commit, head, paths, limit)
}

/** What the origin, as last fetched, did to the paths since the target left it. */
export async function describeUpstream(
  git: Git,
  target: string,
  paths: readonly string[],
  limit: number,
): Promise<string> {
  const head = await resolveRef(git, branchRef(target))
  return describeSide(git, head, await resolveRef(git, upstreamRef(target)), paths, limit)
}

/** What `head` did to the paths since `other` left it. */
async function describeSide(
  git: Git,
  other: Commit,
  head: Commit,
  conflicts: readonly string[],
  limit: number,
): Promise<string> {
  const paths = firstPaths(conflicts)
  const left = await commonAncestor(git, head, other)
  if (left === null) return `${head} and ${other} share no history`
  if (paths.length === 0) return ''
  const range = ['--first-parent', '--format=%h %s', `${left}..${head}`]
  const subjects = await textWithin(git, ['log', ...range, '--', ...paths])
  const sides = ['-p', '-r', '--no-color', left, head]
  const diff = await textWithin(git, ['diff-tree', ...sides, '--', ...paths])
  return cutByLines(`${subjects}\n\n${diff}`.trim(), limit)
}

/** What is too much for the limits of the hub is not shown: git in the workspace shows it. */
async function textWithin(git: Git, args: readonly string[]): Promise<string> {
  try {
    return (await git(args, { config: ['core.bigFileThreshold=1m'] })).text
  } catch (error) {
    if (!(error instanceof LimitExceeded)) throw error
    return `[git ${args[0]} ${error.excess}]`
  }
}

function cutByLines(text: string, limit: number): string {
  if (text.length <= limit) return text
  const lines = text.split('\n')
  const room = limit - cutMark(lines.length).length
  let kept = 0
  let length = 0
  for (const line of lines) {
    length += line.length + 1
    if (length > room) break
    kept += 1
  }
  return [...lines.slice(0, kept), cutMark(lines.length - kept)].join('\n')
}

const cutMark = (lines: number): string => `[${lines} more lines]`
