import { fileURLToPath } from 'node:url'
import { measure, type Reading, scenarios } from './gateway-load.ts'
import { median } from './median.ts'
import { runRole, startRole } from './gateway-process.ts'

/**
 * What the gateway adds to a request, compared with a direct connection. Model, gateway and agents
 * are a process each, on loopback. By hand: `node test/bench/gateway.ts`. It takes half a minute
 * and prints a table, then JSON. With `memory 40` it prints instead the memory of the gateway's
 * process after each of so many rounds.
 */
const rounds = 7
const entry = fileURLToPath(import.meta.url)

async function main(): Promise<void> {
  await using model = await startRole(entry, 'model', '')
  await using gateway = await startRole(entry, 'gateway', model.url)
  const report = []
  for (const scenario of scenarios) {
    await measure(model.url, scenario)
    await measure(gateway.url, scenario)
    const before = await gateway.memory()
    const pairs: { readonly direct: Reading; readonly through: Reading }[] = []
    for (let round = 0; round < rounds; round += 1) {
      const direct = await measure(model.url, scenario)
      pairs.push({ direct, through: await measure(gateway.url, scenario) })
    }
    const after = await gateway.memory()
    const of = (figure: (pair: (typeof pairs)[number]) => number): number =>
      round2(median(pairs.map(figure)))
    report.push({
      scenario: scenario.name,
      'first byte, direct ms': of(({ direct }) => direct.firstByteMs),
      'gateway ms': of(({ through }) => through.firstByteMs),
      'added ms': of(({ direct, through }) => through.firstByteMs - direct.firstByteMs),
      ratio: of(({ direct, through }) => through.firstByteMs / direct.firstByteMs),
      'direct MB/s': of(({ direct }) => direct.bytesPerSecond / 1e6),
      'gateway MB/s': of(({ through }) => through.bytesPerSecond / 1e6),
      'time ratio': of(({ direct, through }) => direct.bytesPerSecond / through.bytesPerSecond),
      'CPU ms a stream': round2(
        (after.cpuMs - before.cpuMs) / (rounds * scenario.streams * scenario.repeat),
      ),
      'live MB': `${inMegabytes(before.live)} → ${inMegabytes(after.live)}`,
      'resident MB': `${inMegabytes(before.rss)} → ${inMegabytes(after.rss)}`,
    })
  }
  process.stdout.write(`${table(report)}\n${JSON.stringify({ rounds, report })}\n`)
}

/** Live memory must stop growing, and later resident memory too. */
async function watchMemory(memoryRounds: number): Promise<void> {
  await using model = await startRole(entry, 'model', '')
  await using gateway = await startRole(entry, 'gateway', model.url)
  const report = []
  for (const scenario of scenarios.filter(({ streams }) => streams > 1)) {
    for (let round = 0; round <= memoryRounds; round += 1) {
      if (round > 0) await measure(gateway.url, scenario)
      const { live, heap, rss } = await gateway.memory()
      const streams = round * scenario.streams * scenario.repeat
      if (round < 10 || round % 5 === 0)
        report.push({
          scenario: scenario.name,
          round,
          streams,
          'live MB': inMegabytes(live),
          'heap MB': inMegabytes(heap),
          'resident MB': inMegabytes(rss),
        })
    }
  }
  process.stdout.write(`${table(report)}\n${JSON.stringify({ report })}\n`)
}

function table(report: readonly Readonly<Record<string, string | number>>[]): string {
  const titles = Object.keys(report[0] ?? {})
  const rows = [titles, ...report.map((row) => titles.map((title) => String(row[title])))]
  const widths = titles.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .join('\n')
}

const inMegabytes = (bytes: number): number => Math.round(bytes / 1e6)
const round2 = (figure: number): number => Math.round(figure * 100) / 100

const [role, argument = ''] = process.argv.slice(2)
if (role === undefined) await main()
else if (role === 'memory') await watchMemory(Number(argument) || 10)
else await runRole(role, argument)
