import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Attack } from '../stage/attack.ts'
import { runInside } from '../stage/run-inside.ts'
import type { Stage } from '../stage/stage.ts'

/** Connections of each kind, together below 3,000. */
const extent = { halves: 120, pipelines: 80, idle: 2_500, ms: 12_000 }

/** In the attacker's container, over its socket. Returns how many connections got through. */
async function fill({ halves, pipelines, idle, ms }: typeof extent) {
  const { connect } = await import('node:net')
  const { ORCHESTRATOR_TOKEN: token = '', LAUNCH: launch = '1' } = process.env
  const half = Buffer.alloc(4 * 1024 * 1024 - 64, 'x')
  const body =
    `POST /hooks/Notification HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\n` +
    `X-Protocol: 1\r\nX-Launch: ${launch}\r\nX-Sequence: 8000000\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${half.length + 64}\r\n\r\n`
  const many = 'POST /hooks/Stop HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n'.repeat(2_000)
  let connections = 0
  const open = (begin: (write: (data: string | Buffer) => void) => void) => {
    const socket = connect('/run/orchestrator/server.sock', () => {
      connections += 1
      begin((data) => socket.write(data))
    })
    socket.on('error', () => undefined).resume()
    return socket
  }
  const end = Date.now() + ms
  const sockets = []
  for (let count = 0; count < halves; count += 1)
    sockets.push(
      open((write) => {
        write(body)
        write(half)
      }),
    )
  await new Promise((resolve) => setTimeout(resolve, ms / 3))
  for (let count = 0; count < pipelines; count += 1) sockets.push(open((write) => write(many)))
  while (Date.now() < end && sockets.length < halves + pipelines + idle) {
    for (let count = 0; count < 100; count += 1) sockets.push(open(() => undefined))
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, end - Date.now())))
  for (const socket of sockets) socket.destroy()
  return connections
}

const mebibytes = async (pid: number): Promise<number> => {
  const found = /^VmRSS:\s*(\d+) kB/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))
  return Math.round(Number(found?.[1]) / 1024)
}

/** What each request of the operator was answered, how long it took, and the most memory. */
async function watch(stage: Stage, pid: number, over: AbortSignal) {
  const answers: { readonly is: string; readonly ms: number }[] = []
  let most = 0
  const follow = async (): Promise<void> => {
    while (!over.aborted) {
      most = Math.max(most, await mebibytes(pid))
      await delay(100)
    }
  }
  const asked = async (): Promise<void> => {
    while (!over.aborted) {
      const since = performance.now()
      const is = await answerOf(stage)
      answers.push({ is, ms: Math.round(performance.now() - since) })
      await delay(100)
    }
  }
  await Promise.all([follow(), asked()])
  return { answers, most }
}

/** `200`, another status, or why there was no answer. */
async function answerOf(stage: Stage): Promise<string> {
  try {
    const answer = await stage.request('/status')
    await answer.arrayBuffer()
    return String(answer.status)
  } catch (error) {
    return String(error)
  }
}

/** Figures of this machine; no attack is won by them. */
function describeWaits(waits: readonly number[]): string {
  const sorted = waits.toSorted((one, other) => one - other)
  const mostly = sorted[Math.ceil(sorted.length * 0.95) - 1]
  return `${mostly} ms at p95, ${sorted.at(-1)} ms at most`
}

const mostMebibytes = 200

export const flood: Attack = {
  id: 'flood',
  from: 'a worker',
  tries: 'half-sent bodies, pipelined requests and thousands of connections on its socket',
  world: 'sealed',
  disarmedBy: [
    {
      file: 'src/http/instance/rate-limit.ts',
      find: 'export const mostOpenBodies = 8',
      replace: 'export const mostOpenBodies = 100_000',
    },
  ],
  async run(stage) {
    const owner = await readFile(join(stage.setup.state, 'server.json'), 'utf8')
    const { pid } = JSON.parse(owner) as { readonly pid: number }
    const idle = await mebibytes(pid)
    const over = new AbortController()
    const watching = watch(stage, pid, over.signal)
    const connections = await runInside(stage.attacker, fill, extent).finally(() => over.abort())
    const { answers, most } = await watching
    if (connections < 100) throw new Error(`only ${connections} connections were opened`)
    if (answers.length === 0) throw new Error('the operator asked nothing meanwhile')
    stage.notes.push(
      `${connections} connections: memory ${idle} → ${most} MiB, ${answers.length} answers of ` +
        `/status in ${describeWaits(answers.map(({ ms }) => ms))}`,
    )
    const refused = new Set(answers.map(({ is }) => is).filter((is) => is !== '200'))
    return [
      ...(most - idle > mostMebibytes ? [`${most - idle} MiB of the server's memory`] : []),
      ...[...refused].map((is) => `the operator answered by ${is}`),
    ]
  },
}
