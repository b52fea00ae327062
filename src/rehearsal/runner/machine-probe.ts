import { execFile } from 'node:child_process'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { RuntimeKind } from './arguments.ts'

const run = promisify(execFile)

/**
 * Medians in milliseconds: printed beside measured times, to distinguish a slow server from a busy
 * machine.
 */
export interface MachineProbe {
  /** Starting `true` and waiting for its end. */
  readonly spawnMs: number
  /** Writing and syncing one small file. */
  readonly fsyncMs: number
  /** `docker version`; null where no engine is used. */
  readonly engineMs: number | null
}

/** Odd, so that the median is one of the figures. */
const samples = 5

export async function probeMachine(runtime: RuntimeKind): Promise<MachineProbe> {
  const directory = await mkdtemp(join(tmpdir(), 'probe-'))
  try {
    return {
      spawnMs: await medianMs(() => run('true')),
      fsyncMs: await medianMs(() => syncFile(join(directory, 'file'))),
      engineMs:
        runtime === 'docker'
          ? await medianMs(() => run('docker', ['version', '--format', '{{.Server.Version}}']))
          : null,
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

export function describeProbe({ spawnMs, fsyncMs, engineMs }: MachineProbe): string {
  const engine = engineMs === null ? '' : `, docker version ${engineMs} ms`
  return `this machine: spawn ${spawnMs} ms, fsync ${fsyncMs} ms${engine} (medians of ${samples})`
}

async function medianMs(act: () => Promise<unknown>): Promise<number> {
  const figures: number[] = []
  for (let left = samples; left > 0; left -= 1) {
    const startedAt = performance.now()
    await act()
    figures.push(performance.now() - startedAt)
  }
  const median = figures.toSorted((a, b) => a - b)[Math.floor(samples / 2)] ?? 0
  return Math.round(median * 10) / 10
}

async function syncFile(path: string): Promise<void> {
  await using file = await open(path, 'w')
  await file.writeFile('x')
  await file.sync()
}
