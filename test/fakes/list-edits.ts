import { directionPath } from '../../src/core/text/direction.ts'
import { taskListWorker } from '../../src/core/text/task-list.ts'
import type { ListTexts } from '../../src/ports/repository.ts'
import type { Tree } from './three-way.ts'

/** The task lists, and the direction, that differ. */
export function listsBetween(before: Tree, after: Tree): ListTexts {
  const paths = [...new Set([...before.keys(), ...after.keys()])].filter(
    (path) =>
      (taskListWorker(path) !== null || path === directionPath) &&
      before.get(path) !== after.get(path),
  )
  return Object.fromEntries(
    paths.map((path) => [
      path,
      { before: readable(before.get(path)), after: readable(after.get(path)) },
    ]),
  )
}

const readable = (text = ''): string | null => (text.length > 1024 ** 2 ? null : text)
