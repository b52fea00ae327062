import { z } from 'zod'

const times = z.object({
  spawnMs: z.number(),
  spawns: z.number(),
  filesMs: z.number(),
  commitsMs: z.number(),
  activeMs: z.number(),
})
const sample = times.extend({ at: z.number() })

/** What the event loop of the server did; milliseconds but for the number of spawns. */
export type LoopTimes = z.infer<typeof times>

/** From the samples of `loop-meter.ts`: the last one less the last one before `since`, in ms. */
export function loopTimesSince(text: string, since: number): LoopTimes {
  const samples = text
    .trimEnd()
    .split('\n')
    .map((line) => sample.parse(JSON.parse(line)))
  const first = samples.findLast(({ at }) => at <= since)
  const last = samples.at(-1)
  const between = (name: keyof LoopTimes): number => (last?.[name] ?? 0) - (first?.[name] ?? 0)
  return {
    spawnMs: between('spawnMs'),
    spawns: between('spawns'),
    filesMs: between('filesMs'),
    commitsMs: between('commitsMs'),
    activeMs: between('activeMs'),
  }
}
