import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ScriptedTask } from '../../players/script.ts'
import { git } from '../../sample/repository.ts'
import type { Evidence } from './evidence.ts'

export interface Expected {
  readonly origin: string
  readonly branch: string
  readonly tasks: readonly ScriptedTask[]
  /** What a person wrote. */
  readonly lines: readonly { readonly path: string; readonly line: string }[]
  /** Tasks that a person built. */
  readonly done: ReadonlySet<string>
  /** Tasks whose work a person took away. */
  readonly removed: ReadonlySet<string>
}

/**
 * Everything that merged tasks and humans wrote is there, to the letter, and the repository's own
 * tests pass.
 */
export async function contentProblems(
  evidence: Evidence,
  expected: Expected,
  clone: string,
): Promise<readonly string[]> {
  const { origin, branch, tasks, lines, done, removed } = expected
  await git(process.cwd(), 'clone', '--quiet', '--branch', branch, origin, clone)
  const merged = evidence.tasks.filter(({ phase }) => phase.name === 'merged').map(({ id }) => id)
  const built = new Set([...merged, ...done].filter((id) => !removed.has(id)))
  const text = (path: string): Promise<string> =>
    readFile(join(clone, path), 'utf8').catch(() => '')
  const hasLine = async (path: string, line: string): Promise<boolean> =>
    (await text(path)).split('\n').includes(line)
  const problems: string[] = []
  for (const { id, files, entry } of tasks.filter((task) => built.has(task.id))) {
    for (const file of files)
      if ((await text(file.path)) !== file.text)
        problems.push(`${file.path} of ${id} is not what its worker wrote`)
    if (!(await hasLine(entry.path, entry.line)))
      problems.push(`the line of ${id} is lost from ${entry.path}`)
  }
  for (const { path, line } of lines)
    if (!(await hasLine(path, line))) problems.push(`"${line}" is lost from ${path}`)
  return [...problems, ...(await failedTests(clone))]
}

async function failedTests(clone: string): Promise<readonly string[]> {
  const options = {
    cwd: clone,
    env: { PATH: process.env['PATH'] ?? '' },
    maxBuffer: 64 * 1024 * 1024,
  }
  return promisify(execFile)(process.execPath, ['--test'], options).then(
    () => [],
    (error: unknown) => {
      const said =
        error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error)
      return [`the tests of the repository fail: ${said.slice(-500)}`]
    },
  )
}
