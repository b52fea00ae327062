import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type Reading, send, senders } from './hooks-load.ts'
import { serveRole } from './hooks-process.ts'
import { median } from './median.ts'

/**
 * How many durable hooks a second the server takes from twenty instances at once, in turns with
 * fastify that answers the same requests and does nothing. Servers and senders are processes of
 * their own. By hand: `npm run bench:hooks`; it prints a table, then JSON.
 */
const rounds = 7
const entry = fileURLToPath(import.meta.url)

async function startRole(role: string) {
  const child = fork(entry, [role])
  const [url] = (await once(child, 'message')) as [string]
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill()
      await once(child, 'exit')
    },
  }
}

async function main(): Promise<void> {
  await using raw = await startRole('raw')
  await using product = await startRole('product')
  const pairs: { readonly raw: Reading; readonly product: Reading }[] = []
  // The first round warms both up.
  for (let round = 0; round <= rounds; round += 1) {
    const pair = { raw: await send(raw.url, round), product: await send(product.url, round) }
    if (round > 0) pairs.push(pair)
  }
  const medianOf = (figure: (pair: (typeof pairs)[number]) => number): number =>
    round2(median(pairs.map(figure)))
  const report = {
    senders,
    rounds,
    rawPerSecond: medianOf((pair) => pair.raw.perSecond),
    productPerSecond: medianOf((pair) => pair.product.perSecond),
    ratio: medianOf((pair) => pair.product.perSecond / pair.raw.perSecond),
    rawP99Ms: medianOf((pair) => pair.raw.p99Ms),
    productP50Ms: medianOf((pair) => pair.product.p50Ms),
    productP99Ms: medianOf((pair) => pair.product.p99Ms),
  }
  for (const [name, figure] of Object.entries(report))
    process.stdout.write(`${name.padEnd(18)} ${figure}\n`)
  process.stdout.write(`${JSON.stringify(report)}\n`)
}

const round2 = (figure: number): number => Math.round(figure * 100) / 100

const [role] = process.argv.slice(2)
await (role === undefined ? main() : serveRole(role))
