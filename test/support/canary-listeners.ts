import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { addressOf, startOther } from '../../src/rehearsal/attack/stage/containers.ts'
import type { Inside } from '../../src/rehearsal/attack/stage/inside.ts'
import { machineAddresses, startListener } from '../../src/rehearsal/attack/stage/listener.ts'

const execute = promisify(execFile)

/** What came to a listener that is not the model. */
export interface Arrival {
  readonly at: ListenerName
  readonly text: string
}

/**
 * `machine`: every address of this machine. `neighbour`: a container of the engine's default
 * bridge, as another machine of the local network. `worker-2`: another instance.
 */
export type ListenerName = 'machine' | 'neighbour' | 'worker-2'

export interface Place {
  readonly host: string
  readonly port: number
}

export interface Listeners extends AsyncDisposable {
  /** Where each of them is reached; an instance without a network has no address. */
  readonly places: Readonly<Record<ListenerName, readonly Place[]>>
  arrivals(): Promise<readonly Arrival[]>
}

/** Everything that listens while a worker tries its exits. */
export async function startListeners(worker2: Inside): Promise<Listeners> {
  await using opened = new AsyncDisposableStack()
  const machine = opened.use(await startListener())
  const neighbour = opened.use(await startOther(worker2.container))
  await listenInside(worker2)
  const address = await addressOf(worker2.container)
  const addresses = await machineAddresses()
  const places = {
    machine: addresses.map((host) => ({ host, port: machine.port })),
    neighbour: [80, 22].map((port) => ({ host: neighbour.address, port })),
    'worker-2': address === null ? [] : [{ host: address, port: portInside }],
  }
  // A listener that nothing reaches would prove nothing.
  const control = `http://${neighbour.address}/control`
  for (const url of [control, ...addresses.map((host) => `http://${host}:${machine.port}/control`)])
    await (await fetch(url)).text()
  await worker2.output(`curl -sS --max-time 9 http://127.0.0.1:${portInside}/control || true`)
  const closing = opened.move()
  const all = async (): Promise<readonly Arrival[]> => [
    ...machine.arrived.map((text) => ({ at: 'machine' as const, text })),
    ...(await neighbour.arrived()).map((text) => ({ at: 'neighbour' as const, text })),
    ...linesOf(await worker2.output(`cat ${arrivedInside}`)).map((text) => ({
      at: 'worker-2' as const,
      text,
    })),
  ]
  const controls = new Set((await all()).filter(isControl).map(({ at }) => at))
  if (controls.size < 3) throw new Error(`only ${[...controls].join(', ')} can be reached`)
  return {
    places,
    arrivals: async () => (await all()).filter((arrival) => !isControl(arrival)),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  }
}

const isControl = ({ text }: Arrival): boolean => text.startsWith('GET /control ')

const portInside = 45_671
const arrivedInside = '/tmp/arrived'

/** Writes the first line of what comes through each connection; ends with the container. */
async function listenInside({ container }: Inside): Promise<void> {
  const source = `const { appendFileSync, writeFileSync } = require('node:fs')
    require('node:net').createServer((socket) => {
      socket.on('error', () => {}).once('data', (chunk) => {
        appendFileSync('${arrivedInside}', chunk.toString('latin1').split('\\r')[0] + '\\n')
        socket.end('HTTP/1.0 200 OK\\r\\n\\r\\nreached')
      })
    }).listen(${portInside}, '0.0.0.0', () => writeFileSync('${arrivedInside}', ''))`
  await execute('docker', ['exec', '--detach', container, 'node', '-e', source])
  const isThere = `until [ -e ${arrivedInside} ]; do sleep 0.1; done`
  await execute('docker', ['exec', container, 'timeout', '60', 'sh', '-c', isThere])
}

const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '')
