import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { project } from '../runner/server.ts'
import type { Edit } from './stage/attack.ts'

export interface Copy extends AsyncDisposable {
  /** Its root. */
  readonly path: string
}

/** All that the server's process reads of the project. */
const copied = ['server.js', 'package.json', 'src', 'docker']

/** A copy of the project in which the edits are made; it shares the packages. */
export async function disarm(edits: readonly Edit[]): Promise<Copy> {
  const path = await mkdtemp(join(tmpdir(), 'disarmed-'))
  const copy = { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
  await using unfinished = new AsyncDisposableStack()
  unfinished.use(copy)
  for (const name of copied) await cp(join(project, name), join(path, name), { recursive: true })
  await symlink(join(project, 'node_modules'), join(path, 'node_modules'))
  for (const { file, find, replace } of edits) {
    const text = await readFile(join(path, file), 'utf8')
    if (text.split(find).length !== 2)
      throw new Error(`${file} does not hold this text exactly once: ${find}`)
    await writeFile(
      join(path, file),
      text.replace(find, () => replace),
    )
  }
  unfinished.move()
  return copy
}
