import { execFile } from 'node:child_process'
import { chown, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const isRoot = process.getuid?.() === 0

/** The user of `runUnprivileged`: our own one, or another one when we are root. */
export const unprivileged = isRoot
  ? { uid: 65_534, gid: 65_534 }
  : { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }

/** Gives that user a directory with all that is in it. */
export async function giveAway(directory: string): Promise<void> {
  const { uid, gid } = unprivileged
  const names = await readdir(directory, { recursive: true })
  for (const path of [directory, ...names.map((name) => join(directory, name))])
    await chown(path, uid, gid)
}

/**
 * Runs statements in a process whose rights are checked, as those of root are not; returns what
 * they assign to `result`. The module is imported as `module` before the process gives up its
 * rights, since the project may lie where only root can read; it already sees the later user.
 */
export async function runUnprivileged(module: URL, statements: string): Promise<unknown> {
  const { uid, gid } = unprivileged
  const drop = `process.setgroups([]); process.setgid(${gid}); process.setuid(${uid})`
  const script = `import * as fs from 'node:fs/promises'
    process.getuid = () => ${uid}
    process.getgid = () => ${gid}
    const module = await import(${JSON.stringify(module.href)})
    let result = null
    ${isRoot ? drop : ''}
    ${statements}
    process.stdout.write(JSON.stringify(result))`
  const argv = ['--no-warnings', '--input-type=module', '--eval', script]
  const { stdout } = await promisify(execFile)(process.execPath, argv, { cwd: '/' })
  return JSON.parse(stdout) as unknown
}
