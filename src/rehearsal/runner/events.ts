import { type EventView, eventView } from '../../http/contract/event.ts'
import { parseJson } from '../../lib/parse-json.ts'

/**
 * The server's event stream until it ends; a reader resumes after the last sequence that it has. A
 * gap is skipped: a rehearsal is too short for its journal to be trimmed.
 */
export async function* readEvents(
  url: string,
  token: string,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<EventView> {
  const response = await fetch(new URL('/api/v1/events', url), {
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'text/event-stream',
      'last-event-id': String(after),
    },
    signal,
  })
  if (!response.ok || !response.body)
    throw new Error(`the server answers GET /api/v1/events with ${response.status}`)
  let rest = ''
  for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
    const frames = (rest + piece).split('\n\n')
    rest = frames.pop() ?? ''
    for (const frame of frames) {
      const view = eventView.safeParse(dataOf(frame))
      if (view.success) yield view.data
    }
  }
}

function dataOf(frame: string): unknown {
  const data = frame
    .split('\n')
    .flatMap((line) => (line.startsWith('data:') ? [line.slice('data:'.length).trimStart()] : []))
  return parseJson(data.join('\n'))
}
