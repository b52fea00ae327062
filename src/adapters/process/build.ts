import { realpath, stat } from 'node:fs/promises'
import { toolProtocol } from '../../claude/launch/protocol.ts'
import type { LaunchRecord } from '../../hosting/outdated.ts'
import { filesIn, hashFiles, toolsDirectory } from '../../hosting/tools.ts'

/**
 * What a launch would run on now: the tools, known by their texts, and the executable, known by its
 * real path and the time at which it was written.
 */
export async function recordNow(cli: string): Promise<LaunchRecord> {
  const hash = await hashFiles(await filesIn(toolsDirectory))
  const path = await realpath(cli)
  hash.update(`${path} ${(await stat(path)).mtimeMs}`)
  return { protocol: String(toolProtocol.newest), build: hash.digest('hex').slice(0, 16) }
}
