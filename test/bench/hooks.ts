import { fileURLToPath } from 'node:url'
import type { Bench } from './bench.ts'
import { send } from './hooks-load.ts'
import { serveRole } from './hooks-process.ts'
import { rowOf, rowOfPairs, type Row } from './row.ts'
import { forkRole } from './role-process.ts'

const entry = fileURLToPath(import.meta.url)

/**
 * How many durable hooks a second the server takes from twenty instances at once, in turns with
 * fastify that answers the same requests and does nothing. Servers are processes of their own; the
 * senders are this one.
 */
export async function measureHooks({ isQuick, rounds }: Bench): Promise<readonly Row[]> {
  await using raw = await forkRole(entry, 'raw')
  await using product = await forkRole(entry, 'product')
  let round = 0
  const turn = async () => {
    round += 1
    return { raw: await send(raw.url, round), product: await send(product.url, round) }
  }
  await turn() // warms both up
  const pairs = await rounds(isQuick ? 3 : 7, turn)
  const perSecond = pairs.map((pair) => ({
    product: pair.product.perSecond,
    raw: pair.raw.perSecond,
  }))
  const p99s = pairs.map((pair) => pair.product.p99Ms)
  return [
    rowOfPairs('durable hooks, 20 connections, a second', perSecond, { of: 'ratio', least: 0.5 }),
    rowOf('durable hooks, p99, ms', p99s, { of: 'product', most: 10 }),
  ]
}

const [role] = process.argv.slice(2)
if (process.argv[1] === entry && role !== undefined) await serveRole(role)
