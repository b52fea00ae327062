import { expect, it, describe } from 'vitest'
import { bytesOf, hidden, terminalEscapes } from '../../test/support/terminal-escapes.ts'
import { Stage } from '../../test/scenarios/stage.ts'
import { openSurface, readerToken } from '../../test/support/surface.ts'
import { planned } from '../../test/support/run.ts'

const corpus = terminalEscapes.map(([, escape]) => bytesOf(escape).toString()).join(' ')
const authorization = `Bearer ${readerToken}`

/** Every text in a JSON value, names included. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, item]) => [name, ...textsIn(item)])
}

describe('a text with escape sequences that is in the database', () => {
  it('loses them in every answer to people', async () => {
    const stage = await Stage.open({
      plan: [{ ...planned('asks'), title: corpus }],
      work: async ({ stage: at, worker, count }) => {
        if (count > 1) return
        await at.workerApi.brief(at.caller(worker))
        // Past the tools, which take out such characters already.
        await at.workerApi.reportBlocked(at.caller(worker), corpus)
      },
    })
    await stage.until(() => stage.dispatcher.state.tasks.countIn('blocked') === 1)
    const { app } = openSurface(stage, {
      troubles: () => [{ text: corpus, publicText: corpus }],
    })
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    const headers = { host: new URL(url).host, authorization }
    for (const path of ['/status', '/health']) {
      const texts = textsIn((await app.inject({ url: path, headers })).json())
      expect(texts.filter((text) => hidden.test(text))).toEqual([])
      expect(texts.join()).toMatch(/begin[^]*end/)
    }
    expect((await app.inject({ url: '/readyz', headers })).body).not.toMatch(hidden)
    expect(await eventsUntil(url, 'task-blocked')).not.toMatch(hidden)
    await app.close()
  })
})

/** The stream of events from the first one to one of this type. */
async function eventsUntil(url: string, type: string): Promise<string> {
  const stop = new AbortController()
  const response = await fetch(new URL('/api/v1/events', url), {
    headers: { authorization, 'last-event-id': '0' },
    signal: stop.signal,
  })
  let text = ''
  const decoder = new TextDecoder()
  for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(piece, { stream: true })
    if (new RegExp(`event: ${type}\\n.*\\n\\n`).test(text)) break
  }
  stop.abort()
  expect(text).toContain('begin')
  return text.replaceAll('\\n', ' ')
}
