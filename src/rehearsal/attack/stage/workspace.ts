import { randomUUID } from 'node:crypto'
import type { Inside } from './inside.ts'
import type { Stage } from './stage.ts'

/** A name that no other attack, and no earlier run of this one, has used. */
export const newName = (what: string): string => `${what}-${randomUUID().slice(0, 8)}`

/** For a commit of everything in the workspace. */
export const commitAll = "git add --all && git commit --quiet --no-verify --message 'Work on it'"

/** Writes a new file, so that there is something to merge. */
export const writeNote = (name: string): string => `echo ${name} >notes/${name}.txt`

/** Takes back what the worker committed for its task, with what git remembers of it. */
export async function takeBack(stage: Stage, worker: Inside): Promise<void> {
  await stage.commit(
    worker,
    'git reset --quiet --hard "origin/$TARGET_BRANCH" && git clean -fdq && ' +
      'git reflog expire --expire=now --all && git prune --expire=now',
  )
}

/** Reports, and returns the phase that the task settles in; throws when the report is refused. */
export async function reportAccepted(
  stage: Stage,
  worker: Inside,
  summary: string,
): Promise<string> {
  const task = await stage.taskOf(worker)
  const answer = await stage.report(worker, summary)
  if (/rejected|could not/.test(answer)) throw new Error(`the report is refused: ${answer}`)
  return stage.settled(task)
}
