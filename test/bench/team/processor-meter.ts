import type { Readable } from 'node:stream'
import { findEngine } from '../../../src/adapters/docker/engine.ts'
import { parseJson } from '../../../src/lib/parse-json.ts'
import { z } from 'zod'
import { type WatchedContainer, watchContainer } from './container-time.ts'
import {
  allProcesses,
  commandOf,
  engineProcesses,
  ticksPerSecond,
  timesOf,
  treeTicks,
} from './process-times.ts'

/** Processor time in seconds. */
export interface ProcessorTime {
  /** Of each container, by its name. */
  readonly containers: ReadonlyMap<string, number>
  /** The server, its terminals, and all that they start. */
  readonly server: number
  /** Shims, runc, dockerd and containerd. Other users of the engine are in the last two. */
  readonly engine: number
}

/** What ends between two looks is missing from the last one on: a share of so long. */
const lookEveryMs = 200

const started = z.looseObject({ id: z.string() })

/**
 * Adds up the processor time of everything that belongs to a directory: containers that mount
 * something below it, and processes of this machine whose command names it, with all that they
 * start. This process, which also is the scripted model, does not count.
 */
export async function measureProcessors(root: string) {
  const containers = new Map<string, WatchedContainer>()
  const seconds = { inside: new Map<string, number>(), shims: new Map<string, number>() }
  const trees = new Map<string, number>()
  const daemons = engineProcesses()
  const before = ticksOf(daemons)
  const events = (await findEngine().streams.getEvents({
    filters: { type: ['container'], event: ['start'] },
  })) as Readable
  const adopting = new Set<Promise<void>>()
  const adopt = async (text: string): Promise<void> => {
    const event = started.safeParse(parseJson(text))
    const found = event.success ? await watchContainer(event.data.id, root) : null
    if (found !== null) containers.set(found.name, found)
  }
  let rest = ''
  events.on('data', (piece: Buffer) => {
    const lines = (rest + piece.toString()).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) adopting.add(adopt(line))
  })
  events.on('error', () => undefined)

  const look = (): void => {
    for (const { name, inside, engine } of containers.values()) {
      raise(seconds.inside, name, inside())
      raise(seconds.shims, name, engine())
    }
    const processes = allProcesses()
    const roots = new Set(
      processes
        .map(({ pid }) => pid)
        .filter((pid) => pid !== process.pid && commandOf(pid).includes(root)),
    )
    for (const [pid, ticks] of treeTicks(processes, topmost(processes, roots))) {
      const began = processes.find((each) => each.pid === pid)?.began
      raise(trees, `${pid} ${began}`, ticks / ticksPerSecond)
    }
  }
  const timer = setInterval(look, lookEveryMs)

  return {
    read(): ProcessorTime {
      look()
      const own = (ticksOf(daemons) - before) / ticksPerSecond
      return {
        containers: new Map(seconds.inside),
        server: sum(trees.values()),
        engine: own + sum(seconds.shims.values()),
      }
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      events.destroy()
      await Promise.allSettled(adopting)
    },
  }
}

/** Those that no other one started: what the others used is within them. */
function topmost(
  processes: ReturnType<typeof allProcesses>,
  roots: ReadonlySet<number>,
): ReadonlySet<number> {
  const parents = new Map(processes.map(({ pid, parent }) => [pid, parent]))
  const isBelow = (pid: number): boolean => {
    const parent = parents.get(pid)
    return parent !== undefined && (roots.has(parent) || isBelow(parent))
  }
  return new Set([...roots].filter((pid) => !isBelow(pid)))
}

/** A child of one that ended may have its command still: each figure only rises. */
function raise(into: Map<string, number>, key: string, figure: number | null): void {
  if (figure !== null) into.set(key, Math.max(into.get(key) ?? 0, figure))
}

const ticksOf = (pids: readonly number[]): number =>
  sum(pids.map((pid) => timesOf(pid)).map((times) => (times?.own ?? 0) + (times?.ofEnded ?? 0)))

const sum = (figures: Iterable<number>): number => {
  let total = 0
  for (const figure of figures) total += figure
  return total
}
