import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { FastifyInstance } from 'fastify'
import { expect } from 'vitest'
import { pino } from 'pino'
import { HandoffMeter } from '../../src/engine/observe/handoffs.ts'
import { LaunchTokens } from '../../src/engine/commands/launch-tokens.ts'
import { refusal } from '../../src/http/contract/refusal.ts'
import { type Route, routes } from '../../src/http/contract/routes.ts'
import { curlAt } from '../../src/http/operator/views/curl.ts'
import { Sessions } from '../../src/http/access/sessions.ts'
import type { StatusQuery } from '../../src/http/contract/status.ts'
import { viewStatus } from '../../src/http/operator/views/status.ts'
import { WaitingCarriers } from '../../src/hosting/waiting-carriers.ts'
import { operatorSurface, type ServerDeps } from '../../src/http/server.ts'
import { silentLog } from '../fakes/log.ts'
import { createFakeSessionFile } from '../fakes/session-file.ts'
import type { Stage } from '../scenarios/stage.ts'
import { expectView } from './contract.ts'

export const operatorToken = 'the-token'
export const readerToken = 'the-token-of-readers'

/** Writes the command lines of remedies. */
export const curl = curlAt(() => ({
  url: 'http://127.0.0.1:7700',
  tokenFile: '/state/operator-token',
}))

/** A surface over a stage, with the paths of its routes as `GET /status`. */
export function openSurface(
  stage: Stage,
  change: Partial<ServerDeps> = {},
  create: (deps: ServerDeps) => FastifyInstance = operatorSurface,
) {
  const registered: string[] = []
  const listen = (message: unknown) => {
    const { fastify } = message as { readonly fastify: FastifyInstance } // what fastify publishes
    fastify.addHook('onRoute', ({ method, url }) => {
      for (const each of [method].flat()) registered.push(`${each} ${url}`)
    })
  }
  subscribe('fastify.initialization', listen)
  const handoffs = new HandoffMeter()
  const now = change.now ?? (() => stage.clock.now())
  const app: FastifyInstance = create({
    log: pino({ level: 'silent' }),
    dispatcher: stage.dispatcher,
    workerApi: stage.workerApi,
    tokens: new LaunchTokens('secret'),
    handoffs,
    runningChecks: stage.runningChecks,
    store: stage.store,
    workspaces: stage.runtime.workspaces,
    carriers: new WaitingCarriers(),
    backupRepository: '/state/backups.git',
    operatorToken,
    readerToken,
    sessions: openSessions({ now }),
    now,
    readHost: (text) => ({ ok: true, entry: text }),
    address: () => ({ host: '127.0.0.1', port: portOf(app), publicUrl: null }),
    version: '1.0.0',
    claudeCodeVersion: '2.1.328',
    troubles: () => [],
    warnings: () => [],
    curl,
    gateway: null,
    packages: null,
    protectedChanges: async () => null,
    status: (query) => statusOf(stage, handoffs, query),
    ...change,
  })
  unsubscribe('fastify.initialization', listen)
  return { app, registered }
}

/** The logins of a surface, with its tokens. */
export const openSessions = (change: Partial<ConstructorParameters<typeof Sessions>[0]> = {}) =>
  new Sessions({
    ...{ operatorToken, readerToken, file: createFakeSessionFile(), log: silentLog },
    ...{ now: () => 1_000_000, ...change },
  })

/** Injected requests arrive at no port; theirs is the default one. */
const portOf = ({ server }: FastifyInstance): number => {
  const address = server.address()
  return address === null || typeof address === 'string' ? 80 : address.port
}

export const statusOf = (
  { dispatcher, runningChecks }: Pick<Stage, 'dispatcher' | 'runningChecks'>,
  handoffs = new HandoffMeter(),
  query: StatusQuery = {},
) =>
  viewStatus(
    {
      state: dispatcher.state,
      store: {
        directory: '/state',
        freeMiB: 5_000,
        leastFreeMiB: 256,
        writeOutage: null,
        waiting: 0,
        backups: { newest: null, problem: null },
      },
      handoffs: handoffs.figures,
      terminalSocket: 'socket',
      runtime: 'docker',
      network: 'sealed',
      proposedHosts: [{ host: 'pypi.org', because: ['uv.lock'], exit: null }],
      containerOf: ({ id }) => id,
      runtimeOutage: null,
      runningChecks: runningChecks.all,
      curl,
      hub: '/state/hub.git',
    },
    query,
  )

/**
 * What fills the parameters of the paths; the task, the instance and the credential are those of a
 * stage.
 */
const names: Readonly<Record<string, string>> = {
  task: 'a',
  line: 'main',
  instance: 'worker-1',
  number: '1',
}
const bodies: Partial<Record<keyof typeof routes, object>> = {
  answerTask: { answer: 'Use ISO dates.' },
  answerRewrite: { answer: 'keep' },
  answerProtected: { answer: 'merge', content: 'seen' },
  cancelTask: { reason: 'not wanted' },
  moveInstance: { credential: null },
  disableCredential: { reason: 'rotating it' },
  openSession: { token: operatorToken },
}

/**
 * Asks every route of the contract once and parses each answer; answers each status by the route's
 * name.
 */
export async function askEveryRoute(
  app: FastifyInstance,
): Promise<Readonly<Record<string, number>>> {
  const statuses: Record<string, number> = {}
  for (const [name, route] of Object.entries<Route>(routes)) {
    if (route.media === 'events') continue
    const id = route.path.includes('/instances/') ? 'worker-1' : 'key-0'
    const url = route.path.replaceAll(/:(\w+)/g, (_, param: string) => names[param] ?? id)
    const payload = bodies[name as keyof typeof routes]
    const { statusCode, body, headers } = await app.inject({
      method: route.method,
      url,
      headers: { host: 'localhost', authorization: `Bearer ${operatorToken}` },
      ...(payload === undefined ? {} : { payload }),
    })
    statuses[name] = statusCode
    const isRefused = statusCode >= 400 && name !== 'health' && name !== 'ready'
    if (statusCode === 204) {
      expect([route.media, body]).toEqual(['none', ''])
      continue
    }
    const isText = route.media === 'text' && !isRefused
    expect(headers['content-type']).toMatch(isText ? /^text\/plain/ : /^application\/json/)
    expectView(isRefused ? refusal : route.reply, isText ? body : JSON.parse(body))
  }
  return statuses
}
