import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { z } from 'zod'
import { formatTable } from '../../src/rehearsal/runner/table.ts'
import { median } from './median.ts'

/*
 * What instances without a network cost: whole rehearsals, sealed and open in turn, so that both
 * meet the same machine.
 */

const rounds = 7
const networks = ['open', 'sealed'] as const
const paths = { handoff: 'handoffMs', start: 'readyMs', merge: 'mergeMs' } as const

const spread = z.object({ p50: z.number() })
const outcome = z.object({
  ok: z.literal(true),
  handoffMs: spread,
  readyMs: spread,
  mergeMs: spread,
})

const run = promisify(execFile)

async function rehearse(network: (typeof networks)[number]): Promise<z.infer<typeof outcome>> {
  const words = ['--json', '--workers', '1', '--tasks', '6', '--network', network]
  const { stdout } = await run(process.execPath, ['src/rehearsal/main.ts', ...words])
  return outcome.parse(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? ''))
}

const taken: Record<(typeof networks)[number], z.infer<typeof outcome>[]> = { open: [], sealed: [] }
for (let round = 0; round < rounds; round += 1) {
  for (const network of round % 2 === 0 ? networks : networks.toReversed()) {
    const result = await rehearse(network)
    taken[network].push(result)
    const figures = Object.entries(paths).map(([name, key]) => `${name} ${result[key].p50} ms`)
    process.stderr.write(`round ${round + 1}, ${network}: ${figures.join(', ')}\n`)
  }
}

const rows = Object.entries(paths).map(([name, key]) => {
  const figures = networks.map((network) => taken[network].map((each) => each[key].p50))
  const [open = Number.NaN, sealed = Number.NaN] = figures.map(median)
  const range = (of: readonly number[] = []): string => `${Math.min(...of)}–${Math.max(...of)}`
  return [
    name,
    ...[`${open} ms`, range(figures[0]), `${sealed} ms`, range(figures[1])],
    `${(sealed / open).toFixed(2)}×`,
  ]
})
const head = ['median of a run', 'open', 'from–to', 'sealed', 'from–to', 'sealed to open']
process.stdout.write(`${rounds} rounds in turn\n${formatTable([head, ...rows]).join('\n')}\n`)
