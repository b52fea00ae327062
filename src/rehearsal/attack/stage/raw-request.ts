import { request } from 'node:http'

export interface RawAnswer {
  /** 0 when the connection ended without an answer. */
  readonly status: number
  readonly body: string
}

interface Asked {
  readonly method: string
  readonly path: string
  /** Host and Origin included: `fetch` would not send those. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

const patienceMs = 10_000
/** A stream does not end: it is over when it has been silent for so long. */
const silenceMs = 1_000

/** Sends a request to a server with exactly these headers. */
export function rawRequest(url: string, { method, path, headers = {}, body }: Asked) {
  const { hostname, port } = new URL(url)
  return new Promise<RawAnswer>((resolve) => {
    const sent = request({ hostname, port, method, path, headers }, (answer) => {
      let text = ''
      const done = (): void => resolve({ status: answer.statusCode ?? 0, body: text })
      answer.setEncoding('utf8').on('data', (piece: string) => (text += piece))
      answer.once('close', done).on('error', done)
      if (answer.headers['content-type']?.startsWith('text/event-stream') !== true) return
      const silence = setTimeout(() => sent.destroy(), silenceMs)
      answer.on('data', () => silence.refresh())
    })
    sent.setTimeout(patienceMs, () => sent.destroy())
    sent.on('error', () => resolve({ status: 0, body: '' }))
    sent.end(body)
  })
}
