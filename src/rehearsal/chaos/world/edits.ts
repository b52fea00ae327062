import { appendFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { indexPath } from '../../sample/module.ts'
import type { KnownTask } from './known-task.ts'

/** What an edit leaves behind. */
export interface Edited {
  /** Lines that have to stay. */
  readonly lines: readonly { readonly path: string; readonly line: string }[]
  /** Tasks that a person built and ticked. */
  readonly ticked: readonly string[]
}

/** Changes files of a clone; null when there is nothing to change. */
export type Edit = (clone: string) => Promise<Edited | null>

const note = (number: number): string => `Note ${number}: written by hand.`

/** Adds a line to the end of a file that no worker writes. */
export const noteIn =
  (path: string, number: number): Edit =>
  async (clone) => {
    await appendFile(join(clone, path), `\n${note(number)}\n`)
    return withLine(path, note(number))
  }

const firstLine = '// Everything that the library offers.'

/** In the file of all workers, far enough from their lines that git merges it. */
export const noteInIndex =
  (number: number): Edit =>
  async (clone) => {
    const line = `// ${note(number)}`
    await change(clone, indexPath, (text) => text.replace(firstLine, `${line}\n${firstLine}`))
    return withLine(indexPath, line)
  }

/** Exactly where the task's worker writes, or has written. */
export const noteBeside =
  ({ entry: { path, below } }: KnownTask, number: number): Edit =>
  async (clone) => {
    const line = `// ${note(number)}`
    await change(clone, path, (text) => insertedBelow(text, below, line))
    return withLine(path, line)
  }

/** Does the work of a task as its worker would, and ticks its item. */
export const tick =
  ({ id, files, entry: { path, below, line } }: KnownTask): Edit =>
  async (clone) => {
    const list = await listWith(clone, id)
    if (list === null) return null
    await change(clone, list, (text) => tickedIn(text, id))
    for (const file of files) {
      await mkdir(dirname(join(clone, file.path)), { recursive: true })
      await writeFile(join(clone, file.path), file.text)
    }
    await change(clone, path, (text) => insertedBelow(text, below, line))
    return { lines: [], ticked: [id] }
  }

/** Deletes one of the task lists. */
export const deleteList =
  (dice: number): Edit =>
  async (clone) => {
    const lists = await listsIn(clone)
    const path = lists[Math.floor(dice * lists.length)]
    if (path === undefined) return null
    await rm(join(clone, path))
    return { lines: [], ticked: [] }
  }

/** Nothing changes when the text has the line. */
export function insertedBelow(text: string, below: string, line: string): string {
  const isThere = text.split('\n').includes(line)
  return isThere ? text : text.replace(`${below}\n`, () => `${below}\n${line}\n`)
}

export const tickedIn = (text: string, id: string): string =>
  text.replace(`[ ] ${id}:`, () => `[x] ${id}:`)

const withLine = (path: string, line: string): Edited => ({ lines: [{ path, line }], ticked: [] })

async function change(clone: string, path: string, by: (text: string) => string): Promise<void> {
  const file = join(clone, path)
  await writeFile(file, by(await readFile(file, 'utf8')))
}

/** The list with the open item of the task. */
async function listWith(clone: string, id: string): Promise<string | null> {
  for (const path of await listsIn(clone)) {
    const text = await readFile(join(clone, path), 'utf8')
    if (text !== tickedIn(text, id)) return path
  }
  return null
}

const listsIn = async (clone: string): Promise<readonly string[]> =>
  (await readdir(clone)).filter((name) => /^WORKER_\d+_TASK_LIST\.md$/.test(name)).toSorted()
