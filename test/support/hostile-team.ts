import { pino } from 'pino'
import type { Policy } from '../../src/core/model/policy.ts'
import { LaunchTokens } from '../../src/engine/commands/launch-tokens.ts'
import { Dispatcher } from '../../src/engine/dispatch/dispatcher.ts'
import { HandoffMeter } from '../../src/engine/observe/handoffs.ts'
import { createWorkerApi } from '../../src/engine/worker-api.ts'
import { operatorSurface, type ServerDeps } from '../../src/http/server.ts'
import type { Vault } from '../../src/ports/vault.ts'
import { createModelGateway } from '../../src/server/model-gateway.ts'
import { createFakeRepository } from '../fakes/repository.ts'
import { createFakeRuntime } from '../fakes/runtime.ts'
import { createFakeStore } from '../fakes/store.ts'
import { one, planned, Run, two } from './run.ts'

export const tokens = new LaunchTokens('secret')

interface TeamOptions {
  readonly credentials: Policy['credentials']
  /** The address of the model; without one, the gateway has no credential. */
  readonly model?: string
}

/** Two workers at their tasks. */
const atWork = (credentials: Policy['credentials']) =>
  new Run({ workerCount: 2, credentials }, 6)
    .planned([planned('a'), planned('b')], false)
    .confirmed(one)
    .confirmed(two)

/** A team behind all the routes that instances reach, with their limits; nothing is carried out. */
export function openTeam({ credentials, model }: TeamOptions) {
  const run = atWork(credentials)
  let at = run.at
  const clock = { now: () => (at += 1), alarm: () => ({ [Symbol.dispose]: () => undefined }) }
  const dispatcher = new Dispatcher(createFakeStore(), clock, run.state, () => undefined)
  const repository = createFakeRepository({ files: {} })
  const parts = { dispatcher, tokens, workspaces: createFakeRuntime().workspaces }
  const environment = model ? { ANTHROPIC_API_KEY: 'sk-x', ANTHROPIC_BASE_URL: model } : {}
  const vault = { environmentOf: () => environment } as unknown as Vault // its only use here
  const deps: Partial<ServerDeps> = {
    ...parts,
    workerApi: createWorkerApi({ ...parts, repositoryOf: () => repository }),
    handoffs: new HandoffMeter(),
    log: pino({ level: 'silent' }),
    gateway: createModelGateway(dispatcher, tokens, vault, {
      now: () => at,
      isAllowed: (name) => name === 'm',
      sealed: true,
    }),
    packages: null,
    operatorToken: 'the-token',
    readerToken: 'the-token-of-readers',
    address: () => ({ host: '127.0.0.1', port: 80, publicUrl: null }),
    troubles: () => [],
    warnings: () => [],
    version: '1.0.0',
  }
  const app = operatorSurface(deps as ServerDeps) // what people's routes need beside is not asked
  return {
    app,
    dispatcher,
    async [Symbol.asyncDispose]() {
      await app.close()
      dispatcher[Symbol.dispose]()
    },
  }
}
