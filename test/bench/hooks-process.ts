import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fastify, { type FastifyInstance } from 'fastify'
import { openStore } from '../../src/adapters/sqlite/store.ts'
import { systemClock } from '../../src/adapters/system/clock.ts'
import { LaunchTokens } from '../../src/engine/commands/launch-tokens.ts'
import { Dispatcher } from '../../src/engine/dispatch/dispatcher.ts'
import { HandoffMeter } from '../../src/engine/observe/handoffs.ts'
import { hookRoutes } from '../../src/http/instance/hooks.ts'
import { Run } from '../support/run.ts'
import { secret, senders } from './hooks-load.ts'

/** Serves one side of the comparison on loopback, and says its address to the parent. */
export async function serveRole(role: string): Promise<void> {
  const app = fastify({ bodyLimit: 4 * 1024 * 1024 })
  if (role === 'raw') app.post('/hooks/:event', (_, reply) => reply.send({}))
  else serveProduct(app)
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  process.send?.(address)
}

function serveProduct(app: FastifyInstance): void {
  const directory = mkdtempSync(join(process.env.BENCH_DIRECTORY ?? tmpdir(), 'bench-hooks-'))
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }))
  process.once('SIGTERM', () => process.exit())
  const store = openStore(join(directory, 'state.db'))
  const run = new Run({ workerCount: senders }).allUp()
  const dispatcher = new Dispatcher(store, systemClock, run.state, () => undefined)
  hookRoutes(app, { dispatcher, tokens: new LaunchTokens(secret), handoffs: new HandoffMeter() })
}
