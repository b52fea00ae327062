import { chown, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { InstanceId } from '../../src/core/model/ids.ts'

/**
 * What Claude Code does when it renews its login: as the instance's user, which owns the home. The
 * server ignores a file of another user.
 */
export async function renewLogin(
  stateDirectory: string,
  instance: InstanceId,
  text: string,
): Promise<void> {
  const home = join(stateDirectory, 'instances', instance, 'home')
  const login = join(home, '.claude/.credentials.json')
  const { uid, gid } = await stat(home)
  await writeFile(`${login}.draft`, text, { mode: 0o600 })
  await chown(`${login}.draft`, uid, gid)
  await rename(`${login}.draft`, login)
}
