import type { MachineProbe } from '../../src/rehearsal/runner/machine-probe.ts'

/** What the machine was like at one moment at which nothing of the bench ran. */
export interface Calm {
  readonly probe: MachineProbe
  /** Share of all processors that was busy: work of others, from 0 to 1. */
  readonly foreignShare: number
}

/** Ticks of all processors since the machine started, from the first line of /proc/stat. */
export interface ProcessorTicks {
  readonly total: number
  readonly idle: number
  readonly stolen: number
}

/**
 * The rule: a round is disturbed when others were at work just before or after it, when the host
 * took processors away during it, or when the machine answered differently after it than before.
 * A single busy process of others takes half of two cores, which is far above the first limit. A
 * probe of less than 2 ms moves by a factor of two on a quiet machine as well.
 */
const limits = { foreignShare: 0.15, stolenShare: 0.03, factor: 2, leastMs: 2 } as const

/** Why a round is disturbed; nothing for a round that counts. */
export function disturbancesOf(before: Calm, after: Calm, stolenShare: number): readonly string[] {
  const foreign = Math.max(before.foreignShare, after.foreignShare)
  return [
    ...(foreign > limits.foreignShare ? [`others use ${percent(foreign)} of the processors`] : []),
    ...(stolenShare > limits.stolenShare ? [`the host took ${percent(stolenShare)}`] : []),
    ...changes(before.probe, after.probe),
  ]
}

function changes(before: MachineProbe, after: MachineProbe): readonly string[] {
  return (['spawnMs', 'fsyncMs', 'engineMs'] as const).flatMap((name) => {
    const [one, other] = [before[name], after[name]]
    if (one === null || other === null) return []
    const [least, most] = [Math.min(one, other), Math.max(one, other)]
    const isNoise = most - least < limits.leastMs || most <= least * limits.factor
    return isNoise ? [] : [`${name} went from ${one} to ${other}`]
  })
}

/**
 * The first line of /proc/stat: user nice system idle iowait irq softirq steal guest guest_nice.
 */
export function readTicks(stat: string): ProcessorTicks {
  const [, ...fields] = (/^cpu +(.*)$/m.exec(stat)?.[0] ?? '').split(/\s+/)
  const ticks = fields.map(Number)
  const at = (index: number): number => ticks[index] ?? 0
  // The time of guests is part of that of users.
  const total = ticks.slice(0, 8).reduce((sum, count) => sum + count, 0)
  return { total, idle: at(3) + at(4), stolen: at(7) }
}

export const busyShare = (from: ProcessorTicks, to: ProcessorTicks): number =>
  share(to.total - from.total - (to.idle - from.idle), to.total - from.total)

export const stolenShare = (from: ProcessorTicks, to: ProcessorTicks): number =>
  share(to.stolen - from.stolen, to.total - from.total)

const share = (part: number, whole: number): number => (whole <= 0 ? 0 : part / whole)
const percent = (figure: number): string => `${Math.round(figure * 100)} %`
