import { execFile } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** What docker prints for the words. */
export async function docker(...words: readonly string[]): Promise<string> {
  return (await execute('docker', words, { maxBuffer: 64 * 1024 * 1024 })).stdout.trim()
}

/** The address of a container in a network of the engine; null without one. */
export async function addressOf(container: string): Promise<string | null> {
  const format = '{{range .NetworkSettings.Networks}}{{println .IPAddress}}{{end}}'
  const said = await docker('inspect', '--format', format, container)
  return said.split('\n').find((each) => each !== '') ?? null
}

/**
 * A container on the default bridge that is not of the run, which answers on the ports 80 and 22.
 */
export interface OtherContainer extends AsyncDisposable {
  readonly address: string
  /** The first line of what came through each connection. */
  arrived(): Promise<readonly string[]>
}

const listening = `for (const port of [80, 22]) require('node:net').createServer((socket) => {
  socket.on('error', () => {}).once('data', (chunk) => {
    console.log(chunk.toString('latin1').split('\\r')[0])
    socket.end('HTTP/1.0 200 OK\\r\\n\\r\\nreached')
  })
}).listen(port, () => console.log('listening on ' + port))
setTimeout(() => process.exit(), 120_000)`

/** `like`: a container with the image to use. */
export async function startOther(like: string): Promise<OtherContainer> {
  const image = await docker('inspect', '--format', '{{.Config.Image}}', like)
  const run = ['run', '--detach', '--rm', '--user=0', '--entrypoint=node', image]
  const id = await docker(...run, '-e', listening)
  const remove = async (): Promise<void> => void (await docker('rm', '--force', id))
  const lines = async () => (await docker('logs', id)).split('\n').filter(Boolean)
  try {
    const address = await addressOf(id)
    if (address === null) throw new Error('the engine gives a container no address')
    for (let tries = 0; (await lines()).length < 2; tries += 1) {
      if (tries > 100) throw new Error('a container does not listen')
      await delay(100)
    }
    const arrived = async () => (await lines()).filter((line) => !line.startsWith('listening'))
    return { address, arrived, [Symbol.asyncDispose]: remove }
  } catch (error) {
    await remove()
    throw error
  }
}
