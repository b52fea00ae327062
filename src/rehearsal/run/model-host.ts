import { execFile } from 'node:child_process'
import { networkInterfaces } from 'node:os'
import { promisify } from 'node:util'
import type { RuntimeKind } from './arguments.ts'

const run = promisify(execFile)

/**
 * Where the model listens so that instances reach it. A container reaches every address of its host, so the one on the bridge of
 * the engine's default network serves whichever network the instances are in. The engine does not always tell that address
 * (`Gateway` may be missing); the bridge's name it does.
 */
export async function modelHost(runtime: RuntimeKind): Promise<string> {
  if (runtime === 'process') return '127.0.0.1'
  const bridge = '{{index .Options "com.docker.network.bridge.name"}}'
  const { stdout } = await run('docker', ['network', 'inspect', 'bridge', '--format', bridge])
  const address = networkInterfaces()[stdout.trim()]?.find(({ family }) => family === 'IPv4')?.address
  if (address === undefined) {
    throw new Error(`containers cannot reach this machine through the engine's default network (${stdout.trim()}): use --runtime process`)
  }
  return address
}
