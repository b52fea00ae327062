import { execFile } from 'node:child_process'
import { BlockList } from 'node:net'
import { networkInterfaces } from 'node:os'
import { promisify } from 'node:util'
import type { RuntimeKind } from './arguments.ts'

const run = promisify(execFile)

/**
 * Where the model listens so that instances reach it. A container reaches every address of its host, so this machine's own
 * address in the engine's default network serves whichever network the instances are in. The engine names its gateway only
 * when it made the bridge itself, so the address is looked up among the interfaces.
 */
export async function modelHost(runtime: RuntimeKind): Promise<string> {
  if (runtime === 'process') return '127.0.0.1'
  const { stdout } = await run('docker', ['network', 'inspect', 'bridge', '--format', '{{range .IPAM.Config}}{{.Subnet}}{{end}}'])
  const [network = '', prefix = ''] = stdout.trim().split('/')
  const subnet = new BlockList()
  if (prefix !== '') subnet.addSubnet(network, Number(prefix))
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  const own = addresses.find(({ family, address }) => family === 'IPv4' && subnet.check(address))
  if (own) return own.address
  throw new Error('the engine has no default network through which containers could reach this machine: use --runtime process')
}
