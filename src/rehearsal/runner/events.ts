import { z } from 'zod'

/** A line of the server's journal, as far as it is told here. */
const journalLine = z.object({
  sequence: z.number(),
  event: z.looseObject({
    type: z.string(),
    at: z.number(),
    instance: z.string().optional(),
    task: z.string().optional(),
    commit: z.string().optional(),
    cause: z.string().optional(),
    reason: z.string().optional(),
    question: z.string().optional(),
    paths: z.array(z.string()).optional(),
    by: z.string().optional(),
    tasks: z.array(z.unknown()).optional(),
    launch: z.number().optional(),
    credential: z.string().nullish(),
    inSubagent: z.boolean().optional(),
    trouble: z
      .looseObject({ kind: z.string(), window: z.string().optional(), until: z.number().nullish() })
      .optional(),
    usedPercent: z.number().optional(),
  }),
  /** What the server made of it. */
  commands: z
    .array(
      z.looseObject({
        type: z.string(),
        instance: z.string().optional(),
        launch: z.number().optional(),
        credential: z.string().optional(),
      }),
    )
    .default([]),
  ignored: z.string().nullish(),
})

export type JournalLine = z.infer<typeof journalLine>

/** The server's event stream until it ends; a consumer that wants more asks again behind the last sequence. */
export async function* readEvents(
  url: string,
  token: string,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<JournalLine> {
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
      const line = journalLine.safeParse(dataOf(frame))
      if (line.success) yield line.data
    }
  }
}

function dataOf(frame: string): unknown {
  const data = frame
    .split('\n')
    .flatMap((line) => (line.startsWith('data:') ? [line.slice('data:'.length).trimStart()] : []))
  return data.length === 0 ? null : JSON.parse(data.join('\n'))
}
