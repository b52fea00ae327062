import { join } from 'node:path'
import { freezeOrigin } from '../../runner/origin-hook.ts'
import { type Setup, targetBranch } from '../../runner/setup.ts'
import type { Status } from '../../runner/status.ts'
import { git } from '../../sample/repository.ts'
import { succeeds } from '../world/command.ts'
import { deleteList, type Edit, noteBeside, noteIn, noteInIndex, tick } from '../world/edits.ts'
import type { FaultContext, Inject } from '../world/fault-context.ts'
import type { Pushed } from '../world/human.ts'
import type { KnownTask } from '../world/known-task.ts'
import { answerBy, settleRewrite, takeBack } from '../world/rewrite.ts'
import type { PlannedFault } from '../world/schedule.ts'
import { isPublished } from './origin.ts'

/** The repair is that the hub has it. */
const inHub = ({ state }: Setup, { commit }: Pushed): Promise<boolean> =>
  succeeds(git(join(state, 'hub.git'), 'merge-base', '--is-ancestor', commit, targetBranch))

const pushing =
  (editOf: (fault: PlannedFault) => Edit): Inject =>
  async ({ human, setup }, fault) => {
    const pushed = await human.push(`Edit by hand (${fault.number})`, editOf(fault))
    return pushed && { isWhole: () => inHub(setup, pushed) }
  }

const oftenInIndex = 0.4

export const pushByHand = pushing(({ number, dice }) =>
  dice < oftenInIndex ? noteInIndex(number) : noteIn('README.md', number),
)
export const direct = pushing(({ number }) => noteIn('PROJECT_DIRECTION.md', number))
export const deleteTaskList = pushing(({ dice }) => deleteList(dice))

/**
 * Builds a task that is not reported yet and builds on no other, ticks its item and pushes both.
 */
export const tickByHand: Inject = async ({ human, status, tasks }, { dice }) => {
  const task = pick(
    tasksIn(status(), tasks, isOpen).filter(
      (each) => isAlone(each, tasks) && each.dependsOn.length === 0,
    ),
    dice,
  )
  if (task === undefined) return null
  const pushed = await human.push(`Build ${task.id} by hand`, tick(task))
  const isEnded = (view: Status | null): boolean =>
    view !== null && tasksIn(view, [task], (phase) => !isOpen(phase)).length > 0
  return pushed && { isWhole: (view) => isEnded(view.status) }
}

const isOpen = (phase: Phase): boolean =>
  phase === 'waiting' || phase === 'queued' || phase === 'assigned' || phase === 'working'

/** No other task writes at the same place: a person and a worker bring the same there. */
const isAlone = ({ entry }: KnownTask, tasks: readonly KnownTask[]): boolean =>
  tasks.filter((other) => other.entry.below === entry.below).length === 1

/**
 * Others push a line exactly where the run writes. Until then the origin refuses the run's pushes,
 * so that merged work is often the other side of the conflict.
 */
export const pushConflict: Inject = async (scene, { number, dice }) => {
  const { setup, human } = scene
  const thaw = await freezeOrigin(setup)
  let pushed: Pushed | null = null
  let pushedAt: number | null = null
  const heal = async (): Promise<void> => {
    try {
      const task = await contested(scene, dice)
      if (task !== undefined)
        pushed = await human.push(`Write beside ${task.id} by hand`, noteBeside(task, number))
      pushedAt = pushed && Date.now()
    } finally {
      await thaw()
    }
  }
  return {
    heal,
    struckAt: () => pushedAt,
    isWhole: () => pushed === null || inHub(setup, pushed),
  }
}

/** A task that the origin lacks, or at least one that a worker has in hand. */
async function contested(
  { setup, status, tasks }: FaultContext,
  dice: number,
): Promise<KnownTask | undefined> {
  const read = async (repository: string, path: string): Promise<readonly string[]> =>
    (await git(repository, 'show', `${targetBranch}:${path}`)).split('\n')
  const path = tasks[0]?.entry.path ?? ''
  const hub = await read(join(setup.state, 'hub.git'), path)
  const origin = await read(setup.origin, path)
  const unpublished = tasks.filter(
    ({ entry: { line } }) => hub.includes(line) && !origin.includes(line),
  )
  const inHand = tasksIn(
    status(),
    tasks,
    (phase) => phase === 'working' || phase === 'reported' || phase === 'merging',
  )
  return pick(unpublished, dice) ?? pick(inHand, dice)
}

/** A person takes merged work back by force, and says only later what that means. */
export const rewriteOrigin: Inject = async (scene, { dice }) => {
  const { human, setup, tasks } = scene
  const rewrite = await takeBack(human, setup)
  if (rewrite === null) return null
  const wanted = answerBy(dice, rewrite, tasks)
  const heal = async (): Promise<void> => {
    const answer = await settleRewrite(human, rewrite, wanted, scene)
    if (answer === 'follow') human.followed.push(rewrite)
  }
  const isAnswered = ({ lines }: Status): boolean => lines.every((line) => line.rewrite === null)
  return {
    heal,
    isWhole: async (view) =>
      view.status !== null && isAnswered(view.status) && (await isPublished(setup)),
  }
}

type Phase = Status['tasks'][number]['phase']

function tasksIn<Task extends KnownTask>(
  status: Status,
  tasks: readonly Task[],
  fits: (phase: Phase) => boolean,
): readonly Task[] {
  const found = new Set(status.tasks.filter(({ phase }) => fits(phase)).map(({ id }) => id))
  return tasks.filter(({ id }) => found.has(id))
}

const pick = <T>(list: readonly T[], dice: number): T | undefined =>
  list[Math.floor(dice * list.length)]
