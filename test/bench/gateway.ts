import { fileURLToPath } from 'node:url'
import { formatTable } from '../../src/rehearsal/runner/table.ts'
import type { Bench } from './bench.ts'
import { measure, type Reading, scenarios } from './gateway-load.ts'
import { runRole, startRole } from './gateway-process.ts'
import { type Row, rowOfPairs } from './row.ts'

const entry = fileURLToPath(import.meta.url)

/**
 * What the gateway adds to a request, compared with a direct connection. Model, gateway and agents
 * are a process each, on loopback.
 */
export async function measureGateway({ isQuick, rounds, say }: Bench): Promise<readonly Row[]> {
  await using model = await startRole(entry, 'model', '')
  await using gateway = await startRole(entry, 'gateway', model.url)
  const rows: Row[] = []
  for (const scenario of scenarios) {
    await measure(model.url, scenario)
    await measure(gateway.url, scenario)
    const before = await gateway.memory()
    const pairs = await rounds(isQuick ? 2 : 7, async () => ({
      direct: await measure(model.url, scenario),
      through: await measure(gateway.url, scenario),
    }))
    const after = await gateway.memory()
    say(
      `  ${scenario.name}: live ${inMegabytes(before.live)} → ${inMegabytes(after.live)} MB, ` +
        `resident ${inMegabytes(before.rss)} → ${inMegabytes(after.rss)} MB`,
    )
    const of = (figure: (reading: Reading) => number) =>
      pairs.map(({ through, direct }) => ({ product: figure(through), raw: figure(direct) }))
    const [first, megabytes] = [
      of((each) => each.firstByteMs),
      of((each) => each.bytesPerSecond / 1e6),
    ]
    rows.push(
      rowOfPairs(`gateway: ${scenario.name}, first byte, ms`, first, null),
      rowOfPairs(`gateway: ${scenario.name}, MB a second`, megabytes, null),
    )
  }
  return rows
}

/**
 * `node test/bench/gateway.ts memory 40` prints the memory of the gateway's process after each of
 * so many rounds. Live memory must stop growing, and later resident memory too.
 */
async function watchMemory(memoryRounds: number): Promise<void> {
  await using model = await startRole(entry, 'model', '')
  await using gateway = await startRole(entry, 'gateway', model.url)
  const titles = ['scenario', 'round', 'streams', 'live MB', 'heap MB', 'resident MB']
  const report: string[][] = []
  for (const scenario of scenarios.filter(({ streams }) => streams > 1)) {
    for (let round = 0; round <= memoryRounds; round += 1) {
      if (round > 0) await measure(gateway.url, scenario)
      const { live, heap, rss } = await gateway.memory()
      const streams = round * scenario.streams * scenario.repeat
      if (round < 10 || round % 5 === 0)
        report.push(
          [scenario.name, round, streams, ...[live, heap, rss].map(inMegabytes)].map(String),
        )
    }
  }
  process.stdout.write(`${formatTable([titles, ...report]).join('\n')}\n`)
}

const inMegabytes = (bytes: number): number => Math.round(bytes / 1e6)

const [role, argument = ''] = process.argv.slice(2)
if (process.argv[1] === entry) {
  if (role === 'memory') await watchMemory(Number(argument) || 10)
  else if (role !== undefined) await runRole(role, argument)
}
