import type { Identity } from '../objects/commit-builder.ts'
import type { Git } from '../command/git.ts'

export interface NewCommit {
  readonly id: string
  readonly parents: number
  readonly author: Identity & { readonly at: string }
  readonly committer: Identity
}

/**
 * What is reachable from `tip` and not from the known refs, and the commits at which that ends. The
 * bytes of the names count, as the commits hold them: git recodes nothing.
 */
export async function newCommits(
  git: Git,
  tip: string,
  known: readonly string[],
): Promise<{ readonly commits: readonly NewCommit[]; readonly boundary: readonly string[] }> {
  const all = await listed(git, ['--boundary', tip, '--not', ...known])
  return {
    commits: all.filter(({ isBoundary }) => !isBoundary),
    boundary: all.filter(({ isBoundary }) => isBoundary).map(({ id }) => id),
  }
}

/** A commit, and whether it is where the new ones end. */
export interface Listed extends NewCommit {
  readonly isBoundary: boolean
}

/** What `git log` lists with these arguments. */
export async function listed(git: Git, args: readonly string[]): Promise<readonly Listed[]> {
  const format = ['%m', '%H', '%P', '%an', '%ae', '%at', '%cn', '%ce'].join('%x00')
  const { stdout } = await git(['log', '-z', '--encoding=none', `--format=${format}`, ...args])
  const fields = stdout.toString('utf8').split('\0')
  return Array.from({ length: Math.floor(fields.length / 8) }, (_, index) => {
    const [mark, id = '', parents = '', an = '', ae = '', at = '', cn = '', ce = ''] = fields.slice(
      8 * index,
      8 * index + 8,
    )
    return {
      isBoundary: mark === '-',
      id,
      parents: parents === '' ? 0 : parents.split(' ').length,
      author: { name: an, email: ae, at },
      committer: { name: cn, email: ce },
    }
  })
}
