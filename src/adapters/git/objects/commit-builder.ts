import { Commit } from '../../../core/model/ids.ts'
import type { Git } from '../command/git.ts'
import { draftRef, rememberCommit } from './refs.ts'

export interface Identity {
  readonly name: string
  readonly email: string
}

export type Change =
  | { readonly type: 'write'; readonly path: string; readonly text: string }
  | { readonly type: 'take'; readonly path: string; readonly mode: string; readonly object: string }
  | { readonly type: 'delete'; readonly path: string }

export interface CommitBuilder {
  readonly name: string
  /** The first parent is on the target's own line. */
  readonly parents: readonly [Commit, ...Commit[]]
  /** The tree to which the changes apply; the first parent's when absent. */
  readonly tree?: string
  readonly changes: readonly Change[]
  readonly message: string
}

export type WriteDraft = (draft: CommitBuilder) => Promise<Commit>

/**
 * Builds commits, each in one process, without an index or a working tree. No ref moves but the
 * draft's own. One at a time, since two drafts of one name would race for that ref.
 */
export function createDrafts(git: Git, identity: Identity): WriteDraft {
  let last: Promise<unknown> = Promise.resolve()
  return (draft) => {
    const next = last.then(() => importDraft(git, identity, draft))
    last = next.catch(() => null)
    return next
  }
}

async function importDraft(git: Git, identity: Identity, draft: CommitBuilder): Promise<Commit> {
  const [first, ...others] = draft.parents
  const input = [
    `commit ${draftRef(draft.name)}`,
    'mark :1',
    `committer ${inHeader(identity.name)} <${inHeader(identity.email)}> now`,
    data(draft.message),
    `from ${first}`,
    ...others.map((parent) => `merge ${parent}`),
    ...(draft.tree === undefined ? [] : [`M 040000 ${draft.tree} ""`]),
    ...draft.changes.map(changeLine),
    'get-mark :1',
    'ls :1 ""',
    'done',
    '',
  ].join('\n')
  const { text } = await git(['fast-import', '--quiet', '--done', '--force', '--date-format=now'], {
    input,
  })
  const [, commit = '', tree = ''] = /^([0-9a-f]+)\n040000 tree ([0-9a-f]+)\t$/.exec(text) ?? []
  if (commit === '') throw new Error(`git did not say what it wrote for ${draft.name}: ${text}`)
  rememberCommit(git, Commit(commit), { tree, parents: draft.parents })
  return Commit(commit)
}

function changeLine(change: Change): string {
  const path = quote(change.path)
  switch (change.type) {
    case 'write':
      return `M 100644 inline ${path}\n${data(change.text)}`
    case 'take':
      return `M ${change.mode} ${change.object} ${path}`
    case 'delete':
      return `D ${path}`
  }
}

const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}`
const quote = (path: string): string =>
  `"${path.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`
const inHeader = (text: string): string => text.replace(/[<>\p{Cc}]/gu, '')
