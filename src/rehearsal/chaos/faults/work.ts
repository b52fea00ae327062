import { targetBranch } from '../../runner/setup.ts'
import { type Inject, instanceIn } from '../world/fault-context.ts'

/** So long it waits for the report. */
const waitMs = 60_000

const ended: readonly unknown[] = ['merged', 'done', 'cancelled']

/**
 * What a worker does to its branch before it reports the task that it holds. The repair is the end
 * of the task.
 */
const odd =
  (command: string): Inject =>
  async ({ oddWork, status, tasks }, { victim }) => {
    const task = instanceIn(status(), victim)?.task ?? null
    if (task === null || tasks.every(({ id }) => id !== task)) return null
    const struckAt = oddWork.arm(task, command, waitMs)
    const until = Date.now() + waitMs
    return {
      struckAt,
      isWhole: ({ at, status: view }) =>
        struckAt() === null
          ? at > until
          : view?.tasks.some(({ id, phase }) => id === task && ended.includes(phase)) === true,
    }
  }

const fetch = `git fetch --quiet "$ORCHESTRATOR_HUB" ${targetBranch}`

/** Without work of its own it must not rewrite what others merged. */
export const amendWork = odd(
  `${fetch} && { git merge-base --is-ancestor HEAD FETCH_HEAD || git commit --quiet --amend --message 'In other words'; }`,
)

/** What others merged meanwhile reads in the one commit as it did before. */
export const squashWork = odd(
  `${fetch} && git reset --quiet --soft FETCH_HEAD && { git diff --cached --quiet || git commit --quiet --message 'In one commit'; }`,
)

/** A merge that takes nothing of the other side. */
export const takeOneSide = odd(`${fetch} && git merge --quiet --no-edit --strategy ours FETCH_HEAD`)
