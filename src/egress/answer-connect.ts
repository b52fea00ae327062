import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { answerRaw, established } from './answers.ts'
import type { Outlet, Reached } from './outlet.ts'
import { Refused, sentenceOf, statusOf } from './refusal.ts'
import { parseTarget, type Target } from './target.ts'
import { runTunnel } from './tunnel.ts'

/** Serves a tunnel to port 80, whose requests are judged one by one. */
export type ServePlain = (socket: Duplex, target: Target) => void

/** Answers CONNECT. A failure is answered and reported; rejects with an error of our own. */
export async function answerConnect(
  outlet: Outlet,
  servePlain: ServePlain,
  request: IncomingMessage,
  client: Duplex,
): Promise<void> {
  const asked = request.url ?? ''
  const close = (): void => {
    client.destroy()
  }
  client.on('error', close)
  let isAnswered = false
  try {
    const target = readAuthority(asked)
    using _turn = await outlet.enter(target)
    if (target.port === 80) {
      client.write(established)
      servePlain(client, target)
      return
    }
    const reached = await connect(outlet, target)
    if (reached === null) return answerRaw(client, 502, `${asked} cannot be reached`)
    if (client.destroyed) return void reached.host.destroy()
    client.write(established)
    isAnswered = true
    await runTunnel(outlet, client, reached)
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    outlet.reportRefusal(asked, error)
    if (!isAnswered) answerRaw(client, statusOf(error.reason), sentenceOf(asked, error.reason))
  }
}

function readAuthority(asked: string): Target {
  const parsed = parseTarget(asked, null)
  if (!parsed.ok) throw new Refused(parsed.problem)
  return parsed.target
}

/** Null when the host cannot be reached, which is reported. */
async function connect(outlet: Outlet, target: Target): Promise<Reached | null> {
  try {
    return await outlet.connect(target)
  } catch (error) {
    if (error instanceof Refused) throw error
    outlet.reportUnreachable(target, 'tunnel', error)
    return null
  }
}
