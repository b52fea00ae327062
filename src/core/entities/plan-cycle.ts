import type { TaskId } from '../model/ids.ts'
import type { PlannedTask } from '../model/plan.ts'
import type { State } from '../model/state.ts'

/**
 * Tasks that depend on each other in a circle once `planned` is in the plan; the first one is
 * repeated at the end. Null without a circle. A chain may be as long as the plan, so nothing here
 * calls itself.
 */
export function findCycle(
  { tasks }: State,
  planned: readonly PlannedTask[],
): readonly TaskId[] | null {
  const replaced = new Map(planned.map((task) => [task.id, task.dependsOn]))
  /** A task on the path, with those of its dependencies that were not followed yet. */
  const enter = (id: TaskId) => ({
    id,
    left: (replaced.get(id) ?? tasks.get(id)?.dependsOn ?? []).values(),
  })
  const seen = new Set<TaskId>()
  const onPath = new Set<TaskId>()
  for (const { id: start } of planned) {
    const path = seen.has(start) ? [] : [enter(start)]
    onPath.add(start)
    for (let last = path.at(-1); last !== undefined; last = path.at(-1)) {
      seen.add(last.id)
      const { value: next } = last.left.next()
      if (next === undefined) {
        onPath.delete(last.id)
        path.pop()
      } else if (onPath.has(next)) {
        const ids = path.map(({ id }) => id)
        return [...ids.slice(ids.indexOf(next)), next]
      } else if (!seen.has(next)) {
        onPath.add(next)
        path.push(enter(next))
      }
    }
    onPath.delete(start)
  }
  return null
}
