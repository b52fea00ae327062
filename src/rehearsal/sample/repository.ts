import { execFile } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { ScriptedFile } from '../players/script.ts'

const run = promisify(execFile)

/** Untouched by the user's own configuration, so that every rehearsal makes the same repository. */
const environment = {
  PATH: process.env['PATH'] ?? '',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Rehearsal',
  GIT_AUTHOR_EMAIL: 'rehearsal@example.invalid',
  GIT_COMMITTER_NAME: 'Rehearsal',
  GIT_COMMITTER_EMAIL: 'rehearsal@example.invalid',
}

export async function git(directory: string, ...words: readonly string[]): Promise<string> {
  const { stdout } = await run('git', words, {
    cwd: directory,
    env: environment,
    maxBuffer: 16 * 1024 * 1024,
  })
  return stdout.trimEnd()
}

/** A bare repository at `origin` whose branch holds the files in one commit. */
export async function createOrigin(
  origin: string,
  branch: string,
  files: readonly ScriptedFile[],
): Promise<void> {
  const draft = `${origin}.draft`
  for (const { path, text } of files) {
    await mkdir(dirname(join(draft, path)), { recursive: true })
    await writeFile(join(draft, path), text)
  }
  await git(draft, 'init', '--quiet', '--initial-branch', branch)
  await git(draft, 'add', '--all')
  await git(draft, 'commit', '--quiet', '--message', 'Say where the library is going')
  await git(dirname(origin), 'clone', '--quiet', '--bare', draft, origin)
  await rm(draft, { recursive: true })
}
