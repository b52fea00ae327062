import { describe, expect, it } from 'vitest'
import { Dispatcher } from '../../src/engine/dispatch/dispatcher.ts'
import { routes } from '../../src/http/contract/routes.ts'
import { viewProtected } from '../../src/http/operator/views/merge.ts'
import { readSources } from '../architecture/sources.ts'
import { createFakeStore } from '../fakes/store.ts'
import { createSteppedClock } from '../fakes/stepped-clock.ts'
import { paste, printedCurls } from '../support/printed-curl.ts'
import { curl, openSurface, operatorToken, statusOf } from '../support/surface.ts'
import type { Run } from '../support/run.ts'
import { type Remedy, remedies } from './remedies.ts'
import { Stage } from './stage.ts'

/** The operator's surface of a server in the state of the run. */
async function serve({ state, at }: Run) {
  const stage = await Stage.open({ plan: [] })
  const clock = createSteppedClock(at)
  const dispatcher = new Dispatcher(createFakeStore(), clock, state, () => undefined)
  const [merge] = state.merges
  const { app } = openSurface(stage, {
    dispatcher,
    status: () => statusOf({ dispatcher, runningChecks: stage.runningChecks }),
    protectedChanges: async () =>
      merge === undefined ? null : viewProtected(merge, '+on: push', curl),
  })
  return {
    app,
    dispatcher,
    /** Each text of `/status`, once. */
    texts: async (): Promise<readonly string[]> => {
      const headers = { host: 'localhost', authorization: `Bearer ${operatorToken}` }
      return textsIn((await app.inject({ url: '/api/v1/status', headers })).json())
    },
    [Symbol.asyncDispose]: async () => {
      await app.close()
      dispatcher[Symbol.dispose]()
      stage.dispatcher[Symbol.dispose]()
    },
  }
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return [...new Set(Object.values(value).flatMap(textsIn))]
}

const isOf = ({ route, body = '' }: Remedy) => {
  const { method, path } = routes[route]
  const shape = path.replaceAll(/:\w+/g, '[^/ ]+')
  const line = new RegExp(`-X ${method} .*:7700${shape}$`)
  return (text: string): boolean => line.test(text) && text.includes(body)
}

const title = ({ route, body = '', given }: Remedy): string =>
  [route, body, 'of', given.name].filter(Boolean).join(' ')

describe('a line that /status prints', () => {
  it.each(remedies.map((remedy) => [title(remedy), remedy] as const))(
    'does what it says: %s',
    async (_, remedy) => {
      await using server = await serve(remedy.given())
      const line = (await server.texts()).flatMap(printedCurls).find(isOf(remedy)) ?? ''
      const [before, after] = remedy.turns
      expect({ is: remedy.shows(server.dispatcher.state) }).toMatchObject({ is: before })
      expect(await paste(server.app, line)).toMatchObject({ statusCode: 200 })
      expect({ is: remedy.shows(server.dispatcher.state) }).toMatchObject({ is: after })
    },
  )

  it.each(
    [...new Set(remedies.map(({ given }) => given))].map((given) => [given.name, given] as const),
  )('is whole wherever a route is named: %s', async (_, given) => {
    await using server = await serve(given())
    for (const text of await server.texts()) {
      const others = printedCurls(text).reduce((left, line) => left.replace(line, ''), text)
      expect(others).not.toContain('/api/v1/')
    }
  })

  it('is tried, of every route for which a view prints one', () => {
    const printed = readSources('src/http', /(?<!\.test)\.ts$/).flatMap(({ text }) =>
      [...text.matchAll(/\bcurl\(\s*routes\.(\w+)/g)].map(([, route = '']) => route),
    )
    const tried = remedies.map(({ route }) => route)
    expect([...new Set(tried)].toSorted()).toEqual([...new Set(printed)].toSorted())
  })
})
