import { existsSync } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

/**
 * Removes the lock files and half-written packs of a server that was killed: nobody else writes in the hub. Call it
 * before the first command. A git that outlived its server gets a second to put its lock away by itself.
 */
export async function removeStaleLocks(hub: string): Promise<void> {
  const leftovers = [
    ...(await list(hub, false)).filter(isLock),
    ...(await list(join(hub, 'refs'), true)).filter(isLock),
    ...(await list(join(hub, 'objects/info'), true)).filter(isLock),
    ...(await list(join(hub, 'objects/pack'), false)).filter((path) => isLock(path) || /\/\.?tmp[-_][^/]*$/.test(path)),
  ]
  await Promise.all(leftovers.map(removeOnceOld))
}

const isLock = (path: string): boolean => path.endsWith('.lock')

async function list(directory: string, recursive: boolean): Promise<readonly string[]> {
  const names = existsSync(directory) ? await readdir(directory, { recursive }) : []
  return names.map((name) => join(directory, name))
}

async function removeOnceOld(path: string): Promise<void> {
  const entry = await stat(path).catch(() => null)
  if (entry === null) return
  await setTimeout(Math.min(1000, Math.max(0, entry.mtimeMs + 1000 - Date.now())))
  await rm(path, { force: true })
}
