import type { Commit, InstanceId, TaskId } from '../../../core/model/ids.ts'
import { taskBranch } from '../../../core/model/ids.ts'
import { quoteLine } from '../../../core/text/quote.ts'
import { plainText } from '../../../lib/plain-text.ts'
import { shellQuote } from '../../../lib/shell.ts'
import type { BackupRepository } from './backup-repository.ts'
import type { Identity } from '../objects/commit-builder.ts'
import { type Git, GitFailure, LimitExceeded } from '../command/git.ts'
import {
  copiedMerges,
  copiesAmong,
  type Originals,
  originalsIn,
} from '../history/copied-commits.ts'
import { type NewCommit, newCommits } from '../history/new-commits.ts'
import { branchRef } from '../objects/refs.ts'

/** Whose names the commits of a report may carry. */
export interface Authorship {
  /** What git writes into the commits that an instance makes. */
  readonly identityOf: (instance: InstanceId) => CommitIdentity
  /** E-mail addresses of others that may stand as authors. */
  readonly authors: readonly string[]
}

export interface CommitIdentity {
  readonly author: Identity
  readonly committer: Identity
}

interface Rules {
  readonly target: string
  readonly backups: BackupRepository
  readonly authorship: Authorship & { readonly server: Identity }
}

interface Report {
  readonly instance: InstanceId
  readonly task: TaskId
  readonly tip: Commit
}

/**
 * Why a report is refused for the names in its commits, with the command that mends it; null when
 * they are in order. Only commits that are new with the report count: what is on the target, on the
 * origin or on the branch of a task that was taken in is there already. The
 * committer is the instance. The author may be another one where such a commit has the same author
 * and the same patch, as after a cherry-pick or a rebase.
 */
export async function objectionToAuthors(
  git: Git,
  { target, backups, authorship: { identityOf, authors, server } }: Rules,
  { instance, task, tip }: Report,
): Promise<string | null> {
  const own = identityOf(instance)
  const known = knownHistory(target)
  const { commits, boundary } = await newCommits(git, tip, known)
  const isCommitted = (commit: NewCommit): boolean => isSame(commit.committer, own.committer)
  const isAuthored = ({ author }: NewCommit): boolean =>
    isSame(author, own.author) || isSame(author, own.committer) || authors.includes(author.email)
  const suspects = commits.filter((commit) => !isCommitted(commit) || !isAuthored(commit))
  if (suspects.length === 0) return null
  const accepted = await originalsIn(git, known)
  const saved = await savedCommits(backups, task, { known, identityOf, accepted })
  const ids = new Set(saved.commits.map(({ id }) => id))
  const left = suspects.filter(({ id }) => !ids.has(id))
  const committed = left.filter(isCommitted)
  const copies = await copiesAmong(git, committed, [accepted, saved])
  const again = await copiedMerges(git, committed, server)
  const foreign = left.filter(({ id }) => !copies.has(id) && !again.has(id))
  if (foreign.length === 0) return null
  const commands = mend(foreign, { tip, task, own, boundary })
  return (
    `${taskBranch(task)} contains ${foreign.length} commits under names that are not yours ` +
    `(${foreign.slice(0, 3).map(describe).join('; ')}). Your commits carry ${nameOf(own.author)}. ` +
    `Commits of others pass with their author only as they are on ${target} or on the branch of ` +
    `another task. Put your own name into these with\n${commands}\nand report again`
  )
}

/** Refs of which every commit was accepted, as arguments of `git rev-list`. */
const knownHistory = (target: string): readonly string[] => [
  branchRef(target),
  ...['upstream', 'accepted', 'published', 'tasks', 'rewritten'].map(
    (name) => `--glob=refs/${name}`,
  ),
]

const isSame = (one: Identity, other: Identity): boolean =>
  one.name === other.name && one.email === other.email

interface Trusted {
  readonly known: readonly string[]
  readonly identityOf: Authorship['identityOf']
  /** The commits of the known refs. */
  readonly accepted: Originals
}

/**
 * Commits that a worker of the task made and lost its instance with: they were saved, and the next
 * worker goes on with them. Each carries the names of the worker that saved it, or copies one that
 * may be there.
 */
async function savedCommits(
  backups: BackupRepository,
  task: TaskId,
  { known, identityOf, accepted }: Trusted,
): Promise<Originals> {
  const format = '--format=%(objectname)/%(refname)'
  const { text } = await backups.git(['for-each-ref', format, 'refs/backup'])
  const saved = text.split('\n').flatMap((line) => {
    const [commit = '', , , owner = '', of] = line.split('/')
    return of === task ? [{ commit, owner: owner as InstanceId }] : []
  })
  const own = new Map<string, NewCommit>()
  const copied = new Map<string, NewCommit>()
  for (const { commit, owner } of saved.slice(-mostBackups)) {
    const theirs = identityOf(owner)
    const { commits } = await newCommits(backups.withHub, commit, known).catch(unlessUnreadable)
    for (const each of commits.filter(({ committer }) => isSame(committer, theirs.committer)))
      if (isSame(each.author, theirs.author)) own.set(each.id, each)
      else copied.set(each.id, each)
  }
  const git = backups.withHub
  const originals = [accepted, { git, commits: [...own.values()] }]
  const copies = await copiesAmong(git, [...copied.values()], originals)
  return {
    git,
    commits: [...own.values(), ...[...copied.values()].filter(({ id }) => copies.has(id))],
  }
}

const mostBackups = 20

/** A backup whose base is gone makes the names of others no more acceptable, and no less. */
function unlessUnreadable(error: unknown): { readonly commits: readonly NewCommit[] } {
  if (error instanceof GitFailure && !(error instanceof LimitExceeded)) return { commits: [] }
  throw error
}

const nameOf = ({ name, email }: Identity): string => `${name} <${email}>`

const shown = (identity: Identity): string => quoteLine(plainText(nameOf(identity)).slice(0, 100))

const describe = ({ id, author, committer }: NewCommit): string =>
  `${id.slice(0, 10)} by ${shown(author)}, committed by ${shown(committer)}`

interface Mending {
  readonly tip: Commit
  readonly task: TaskId
  readonly own: CommitIdentity
  readonly boundary: readonly string[]
}

/**
 * Not a rebase: it would also copy the commits of others that the branch merged, and stop at each
 * conflict that was resolved before.
 */
function mend(foreign: readonly NewCommit[], { tip, task, own, boundary }: Mending): string {
  if (foreign.every(({ id }) => id === tip))
    return 'git commit --amend --no-edit --allow-empty --no-verify --reset-author'
  const names = {
    GIT_AUTHOR_NAME: own.author.name,
    GIT_AUTHOR_EMAIL: own.author.email,
    GIT_COMMITTER_NAME: own.committer.name,
    GIT_COMMITTER_EMAIL: own.committer.email,
  }
  const filter = Object.entries(names).map(([name, value]) => `${name}=${shellQuote(value)}`)
  const excluded = boundary.length === 0 ? '' : ` --not ${boundary.join(' ')}`
  return (
    'FILTER_BRANCH_SQUELCH_WARNING=1 git filter-branch --force --env-filter ' +
    `${shellQuote(`export ${filter.join(' ')}`)} -- ${taskBranch(task)}${excluded}`
  )
}
