import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { RuntimeKind } from './arguments.ts'

const run = promisify(execFile)

/**
 * Where the model listens so that instances reach it. A container reaches every address of its
 * host, so the one in the engine's default network serves whichever network the instances are in.
 */
export async function modelHost(runtime: RuntimeKind): Promise<string> {
  if (runtime === 'process') return '127.0.0.1'
  const format = '{{range .IPAM.Config}}{{println .Gateway .Subnet}}{{end}}'
  const { stdout } = await run('docker', ['network', 'inspect', 'bridge', '--format', format])
  const ofVersion4 = stdout
    .split('\n')
    .find((line) => /^[\d./ ]+$/.test(line) && line.includes('/'))
  const [subnet = '', gateway] = ofVersion4?.trim().split(' ').toReversed() ?? []
  if (subnet === '')
    throw new Error(
      'the engine has no default network through which containers could reach this machine: use --runtime process',
    )
  return gateway ?? firstAddress(subnet)
}

/**
 * The engine gives the bridge the first address of its network, but does not always say so. Node
 * does not list it among the interfaces either while no container is on the bridge.
 */
export function firstAddress(subnet: string): string {
  const [network = ''] = subnet.split('/')
  const [last = '0', ...rest] = network.split('.').toReversed()
  return [...rest.toReversed(), Number(last) + 1].join('.')
}
