import { originMergeId, originMergeOf } from '../entities/origin-conflict.ts'
import { shortestList } from '../entities/shortest-list.ts'
import { takeAway } from '../entities/task.ts'
import { markAllOutOfSync, markOutOfSync } from '../entities/sync.ts'
import type { Draft } from '../model/draft.ts'
import type { Commit, LineId } from '../model/ids.ts'
import { isOver } from '../model/task.ts'
import { resumeWork } from './ending.ts'

/**
 * What others pushed conflicts with the line: a worker merges it, as it would any conflict. Later
 * commits that conflict join the open task. After a person has cancelled it, only another commit
 * makes a new one.
 */
export function enterConflict(
  draft: Draft,
  line: LineId,
  commit: Commit,
  paths: readonly string[],
): void {
  const known = draft.line(line).conflict
  const open = originMergeOf(draft.state, line)
  if (known !== null && open === null && known.commit === commit) return
  if (known !== null && open !== null)
    return draft.setLine(line, { conflict: { ...known, commit, paths } })
  const task = originMergeId(draft.state)
  draft.addTask({ ...blank, id: task, line, ...contentFor(draft, line), phase: phaseNow(draft) })
  draft.setLine(line, { conflict: { since: draft.at, task, commit, paths } })
  // The origin refuses every push until the task is merged.
  markOutOfSync(draft, line, 'publish')
  markAllOutOfSync(draft, 'lists')
  resumeWork(draft)
}

const phaseNow = ({ at }: Draft) => ({ name: 'waiting', since: at }) as const

function contentFor(draft: Draft, line: LineId) {
  const { branch } = draft.line(line)
  return {
    title: `Merge what others pushed to ${branch}`,
    body:
      `Commits that others pushed to ${branch} of the origin conflict with the work of this run. ` +
      'Merge them so that both intents survive. The brief says how, and which files conflict.',
    assignee: shortestList(draft.state),
  }
}

const blank = {
  dependsOn: [],
  replaces: [],
  base: null,
  attempts: [],
  reworkCount: 0,
  rounds: 0,
  returned: null,
  notes: [],
  commit: null,
  progress: null,
  summary: null,
} as const

/** The line contains the origin's commits: no worker needs to merge them any more. */
export function endConflict(draft: Draft, line: LineId): void {
  if (draft.line(line).conflict === null) return
  const open = originMergeOf(draft.state, line)
  draft.setLine(line, { conflict: null })
  // Work that was reported is merged as always.
  if (open === null || open.phase.name === 'reported' || open.phase.name === 'merging') return
  takeAway(draft, open.id, 'the commits of the origin are merged by now')
  const reason = 'others merged the commits of the origin'
  draft.enterTask(open.id, { name: 'done', by: 'operator', reason })
  markAllOutOfSync(draft, 'lists')
}

/** The conflict was one of a history that a person rewrote, and so was its merge. */
export function abandonConflict(draft: Draft, line: LineId): void {
  const open = originMergeOf(draft.state, line)
  draft.setLine(line, { conflict: null })
  if (open === null) return
  const reason = 'a person rewrote the origin, and the run follows it'
  takeAway(draft, open.id, reason)
  draft.enterTask(open.id, { name: 'done', by: 'operator', reason })
}

/** The task is merged: the origin's commits are in the hub, and the line can be pushed. */
export function noteOriginMerge(draft: Draft, line: LineId, task: string): void {
  const { conflict } = draft.line(line)
  if (conflict?.task !== task || !isOver(draft.task(conflict.task).phase)) return
  draft.setLine(line, { conflict: null })
  markOutOfSync(draft, line, 'upstream')
}
