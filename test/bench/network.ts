import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { z } from 'zod'
import type { Bench } from './bench.ts'
import { type Row, rowOfPairs } from './row.ts'

const paths = { handoff: 'handoffMs', start: 'readyMs', merge: 'mergeMs' } as const

const times = z.object({ p50: z.number() })
const outcome = z.object({
  ok: z.literal(true),
  handoffMs: times,
  readyMs: times,
  mergeMs: times,
})

const run = promisify(execFile)

/** What instances without a network cost: whole rehearsals, sealed and open in turn. */
export async function measureNetwork({ isQuick, signal, rounds }: Bench): Promise<readonly Row[]> {
  const rehearse = async (network: 'sealed' | 'open') => {
    const words = ['--json', '--workers', '1', '--tasks', '6', '--network', network]
    const argv = ['src/rehearsal/main.ts', ...words]
    const { stdout } = await run(process.execPath, argv, { signal })
    return outcome.parse(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? ''))
  }
  const pairs = await rounds(isQuick ? 1 : 7, async () => ({
    raw: await rehearse('open'),
    product: await rehearse('sealed'),
  }))
  return Object.entries(paths).map(([name, key]) =>
    rowOfPairs(
      `network: ${name}, sealed to open, ms`,
      pairs.map(({ product, raw }) => ({ product: product[key].p50, raw: raw[key].p50 })),
      { of: 'ratio', most: 1.1 },
    ),
  )
}
