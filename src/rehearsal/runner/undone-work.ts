import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ScriptedTask } from '../players/script.ts'
import { restored } from '../players/work.ts'
import { git } from '../sample/repository.ts'
import { type Finding, finding } from './verify.ts'

/** Judges the content of the target branch: everything that was merged is still in it. */
export async function nothingIsUndone(
  clone: string,
  tasks: readonly ScriptedTask[],
  workerCount: number,
): Promise<readonly Finding[]> {
  const textOf = (path: string): Promise<string> =>
    readFile(join(clone, path), 'utf8').catch(() => '')
  const undone: string[] = []
  for (const { id, files, entry } of tasks) {
    for (const { path, text } of files)
      if ((await textOf(path)) !== text) undone.push(`${path} of ${id} reads otherwise`)
    if (!(await textOf(entry.path)).includes(entry.line)) undone.push(`${id} is not public`)
  }
  // A single worker has no work of others to undo.
  const squashed = workerCount < 2 ? [] : tasks.filter(({ habit }) => habit.type === 'squashes')
  const subjects = new Set((await git(clone, 'log', '--format=%s')).split('\n'))
  const accepted = squashed.filter(({ id }) => !subjects.has(restored(id))).map(({ id }) => id)
  return [
    finding('nothing that was merged is undone', undone),
    ...(squashed.length === 0
      ? []
      : [finding('a squash that undoes what others merged is refused', accepted)]),
  ]
}
