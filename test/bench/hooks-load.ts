import { once } from 'node:events'
import { connect } from 'node:net'
import { workerId } from '../../src/core/model/ids.ts'
import { LaunchTokens } from '../../src/engine/commands/launch-tokens.ts'

export const secret = 'of-the-bench'
/** Instances, with a connection each, that send one hook after the other. */
export const senders = 20
const perSender = 100

export interface Reading {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

const body = JSON.stringify({
  session_id: '0d2b5b8e-6a35-4a94-9f3f-0d9c3d2d1f10',
  hook_event_name: 'Stop',
  last_assistant_message: 'x'.repeat(200),
  background_tasks: [],
})

/**
 * Every hook is of another turn, and is answered when it is stored. Sockets and finished texts
 * instead of a client: what sends must cost less than what answers.
 */
export async function send(url: string, round: number): Promise<Reading> {
  const tokens = new LaunchTokens(secret)
  const took: number[] = []
  const port = Number(new URL(url).port)
  const began = performance.now()
  await Promise.all(
    Array.from({ length: senders }, async (_, index) => {
      const head =
        'POST /hooks/Stop HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n' +
        `content-length: ${Buffer.byteLength(body)}\r\nx-launch: 1\r\n` +
        `authorization: Bearer ${tokens.tokenOf(workerId(index + 1), 1)}\r\n`
      const socket = connect({ port, host: '127.0.0.1', noDelay: true })
      socket.setEncoding('latin1')
      for (let turn = 1; turn <= perSender; turn += 1) {
        const asked = performance.now()
        socket.write(`${head}x-sequence: ${round * perSender + turn}\r\n\r\n${body}`)
        // A short answer is one packet.
        const [answer] = (await once(socket, 'data')) as [string]
        if (!answer.startsWith('HTTP/1.1 200') || !answer.endsWith('{}')) throw new Error(answer)
        took.push(performance.now() - asked)
      }
      socket.destroy()
    }),
  )
  const seconds = (performance.now() - began) / 1_000
  const sorted = took.toSorted((one, other) => one - other)
  const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN
  return { perSecond: took.length / seconds, p50Ms: at(0.5), p99Ms: at(0.99) }
}
