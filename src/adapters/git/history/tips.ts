import { Commit } from '../../../core/model/ids.ts'
import { type FormerHistory, readRecord } from './former-record.ts'
import type { Git } from '../command/git.ts'
import { hasNoneBelow, readRef } from '../objects/ref-files.ts'
import { acceptedRef, branchRef, formerRefs } from '../objects/refs.ts'

/** What the refs of a target say. */
export interface Tips {
  readonly head: Commit
  /** The accepted head of the origin; null in the hub of an older server. */
  readonly accepted: Commit | null
  /** The histories that the target left, newest first. */
  readonly formers: readonly FormerHistory[]
}

/** Starts a process only where the target has left a history. */
export async function readTips(git: Git, target: string): Promise<Tips> {
  if (!(await hasNoneBelow(git, formerRefs(target)))) return listTips(git, target)
  const [head, accepted] = [
    await readRef(git, branchRef(target)),
    await readRef(git, acceptedRef(target)),
  ]
  if (head === null || head === 'unclear' || accepted === 'unclear') return listTips(git, target)
  return { head, accepted, formers: [] }
}

async function listTips(git: Git, target: string): Promise<Tips> {
  const [branch, accepted, former] = [branchRef(target), acceptedRef(target), formerRefs(target)]
  const { text } = await git(['for-each-ref', `--format=${format}`, branch, accepted, former])
  const found = [...text.matchAll(/(refs\/[^\0]+)\0([0-9a-f]+)\0([^\0]*)\0/g)].map(
    ([, ref = '', commit = '', record = '']) => ({ ref, commit: Commit(commit), record }),
  )
  const head = found.find(({ ref }) => ref === branch)
  if (head === undefined) throw new Error(`the hub has no branch ${target}`)
  return {
    head: head.commit,
    accepted: found.find(({ ref }) => ref === accepted)?.commit ?? null,
    formers: found
      .filter(({ ref }) => ref.startsWith(former))
      .map(({ ref, commit, record }) => readRecord(ref, commit, record))
      .toSorted((one, other) => other.number - one.number),
  }
}

/** The message counts in records alone: those of others may be of any length. */
const format =
  '%(refname)%00%(objectname)%00' +
  '%(if:equals=refs/rewritten)%(refname:rstrip=-2)%(then)%(contents)%(end)%00'
