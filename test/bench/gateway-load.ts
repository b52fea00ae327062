import { once } from 'node:events'
import http from 'node:http'
import { median } from './median.ts'

export interface Scenario {
  readonly name: string
  readonly streams: number
  /** The model's time before its first piece, its pause between two, and their number and size. */
  readonly thinkMs: number
  readonly pauseMs: number
  readonly pieces: number
  readonly pieceBytes: number
  /** Requests of each stream, one after the other. */
  readonly repeat: number
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'one agent, model at once',
    streams: 1,
    thinkMs: 0,
    pauseMs: 0,
    pieces: 1,
    pieceBytes: 200,
    repeat: 200,
  },
  {
    name: '50 agents, pace of a model',
    streams: 50,
    thinkMs: 300,
    pauseMs: 10,
    pieces: 100,
    pieceBytes: 200,
    repeat: 1,
  },
  {
    name: '50 agents, as fast as it goes',
    streams: 50,
    thinkMs: 0,
    pauseMs: 0,
    pieces: 64,
    pieceBytes: 16_384,
    repeat: 4,
  },
]

/** The first request of a conversation of Claude Code 2.1.328 has this size, in bytes. */
const questionBytes = 78_000
const question = JSON.stringify({
  model: 'claude-opus-5-5',
  max_tokens: 32_000,
  stream: true,
  messages: [{ role: 'user', content: 'x'.repeat(questionBytes) }],
})

export interface Reading {
  readonly firstByteMs: number
  readonly bytesPerSecond: number
}

/** Runs a scenario against `url`: the median time to the first byte, and the throughput. */
export async function measure(url: string, scenario: Scenario): Promise<Reading> {
  const agent = new http.Agent({ keepAlive: true })
  const firstBytes: number[] = []
  let bytes = 0
  const began = performance.now()
  const stream = async (): Promise<void> => {
    for (let time = 0; time < scenario.repeat; time += 1) {
      const asked = performance.now()
      const headers = {
        authorization: 'Bearer launch',
        'content-type': 'application/json',
        'anthropic-bench': JSON.stringify(scenario),
      }
      const request = http
        .request(`${url}/v1/messages`, { method: 'POST', headers, agent })
        .end(question)
      const [response] = (await once(request, 'response')) as [http.IncomingMessage]
      if (response.statusCode !== 200) throw new Error(`${url} answered ${response.statusCode}`)
      let isFirst = true
      for await (const chunk of response as AsyncIterable<Buffer>) {
        if (isFirst) firstBytes.push(performance.now() - asked)
        isFirst = false
        bytes += chunk.length
      }
    }
  }
  await Promise.all(Array.from({ length: scenario.streams }, stream))
  agent.destroy()
  return {
    firstByteMs: median(firstBytes),
    bytesPerSecond: (bytes / (performance.now() - began)) * 1_000,
  }
}
