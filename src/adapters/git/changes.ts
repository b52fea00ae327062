import type { Commit } from '../../core/model/ids.ts'
import type { Git } from './git.ts'
import { branchRef, commonAncestor, resolveRef, upstreamRef } from './refs.ts'

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
  paths: readonly string[],
  limit: number,
): Promise<string> {
  const left = await commonAncestor(git, head, other)
  if (left === null) return `${head} and ${other} share no history`
  const { text: subjects } = await git([
    'log',
    '--first-parent',
    '--format=%h %s',
    `${left}..${head}`,
    '--',
    ...paths,
  ])
  const { text: diff } = await git(
    ['diff-tree', '-p', '-r', '--no-color', left, head, '--', ...paths],
    {
      config: ['core.bigFileThreshold=1m'],
    },
  )
  return cutByLines(`${subjects}\n\n${diff}`.trim(), limit)
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
