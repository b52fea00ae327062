import type { FaultIn } from '../../src/rehearsal/faults/catalogue.ts'
import { Random } from './random.ts'

export type FaultKind = FaultIn<'simulation'>

/**
 * How often each fault occurs where it does: percent of the occasions, least and most. The order
 * belongs to the seeds.
 */
const occasions = {
  // The server. A crash strikes at a moment, at a call to a port, before or after it, and at a
  // commit, before or after it.
  'server-kill': [2, 15],
  'server-term': [1, 5],
  'server-kill-at-call': [0.2, 2],
  'server-kill-at-commit': [0.1, 1],
  // The machine.
  'state-disk-full': [0.1, 0.5],
  'clock-jump': [1, 4],
  'host-reboot': [0.5, 3],
  'pool-changes': [1, 8],
  // Calls to git, to the engine, to tmux.
  'call-fails': [1, 8],
  'call-slow': [2, 15],
  'answer-lost': [1, 8],
  'engine-away': [1, 5],
  'terminals-kill': [2, 10],
  'notice-lost': [5, 50],
  'notice-late': [5, 30],
  'check-fails': [2, 20],
  // Instances and their hooks.
  'container-kill': [3, 20],
  zombie: [20, 80],
  'hook-late': [2, 15],
  'hook-doubled': [2, 15],
  'hook-lost': [1, 4],
  'hook-again': [2, 10],
  'enter-lost': [2, 10],
  'workspace-stuck': [2, 15],
  // The model.
  'model-refusal': [2, 15],
  silence: [3, 15],
  'model-hang': [1, 5],
  question: [3, 15],
  collision: [10, 50],
  lie: [3, 15],
  confusion: [3, 15],
  'rotation-unread': [5, 40],
  // Other people.
  'human-push': [2, 15],
  'human-plans': [2, 10],
  'target-moves': [2, 15],
  'publish-refused': [5, 30],
} as const satisfies Readonly<Partial<Record<FaultKind, readonly [number, number]>>>

/**
 * Faults that came later. Each draws from a random stream of its own, so that a new one changes no
 * other part of a seed's run.
 */
const laterOccasions = {
  'call-hangs': [0.2, 2],
  'origin-away': [1, 6],
  'origin-hangs': [1, 5],
  'origin-slow': [2, 15],
  'push-unanswered': [1, 6],
  'origin-protected': [0.5, 4],
  'origin-deleted': [0.5, 3],
  'run-accepted': [5, 30],
  'origin-conflict': [3, 20],
  'origin-unmerged': [60, 100],
  'origin-rewritten': [0.5, 3],
  'check-slow': [5, 40],
  'check-hangs': [0.5, 3],
  'checks-broken': [0.5, 5],
  'checks-never-pass': [0.5, 4],
  'checks-answered': [2, 20],
  // Habits of the Manager, which it has in a whole run or not at all.
  'limit-unnamed': [1, 10],
  'usage-forged': [5, 40],
  'team-resized': [5, 50],
  'list-deleted': [1, 8],
  'no-commit': [2, 10],
  'human-directs': [1, 8],
  'manager-waves': [20, 60],
  'manager-never-completes': [10, 30],
  'manager-repeats': [20, 60],
  'manager-over-plans': [20, 60],
  'manager-ignores': [10, 60],
  'worker-gives-up': [10, 80],
  'human-ticks': [1, 8],
  'human-away': [0.1, 1],
  'tools-upgraded': [0.5, 3],
  'turn-long': [0.5, 5],
  'turn-hangs': [0.5, 3],
  'checkout-slow': [2, 10],
  // What workers do to their branch before they report.
  'work-squashed': [5, 30],
  'work-one-sided': [5, 30],
  'work-amended': [5, 30],
  'work-renamed': [5, 30],
  'work-rebased': [5, 30],
  'work-elsewhere': [3, 20],
  'protected-touched': [3, 20],
  'hooks-gather': [1, 10],
  'host-asked': [5, 40],
  'host-answer-late': [2, 20],
  'host-flood': [1, 8],
  'upload-large': [2, 15],
  'upload-flood': [1, 5],
  'host-allowed': [1, 10],
  'host-withdrawn': [1, 8],
  'upload-accepted': [1, 10],
} as const satisfies Readonly<
  Record<Exclude<FaultKind, keyof typeof occasions>, readonly [number, number]>
>

/**
 * Random streams under the names that they had first: other names would change the run of every
 * seed.
 */
const streams: Readonly<Partial<Record<FaultKind, string>>> = {
  'server-kill': 'crash',
  'server-term': 'stop',
  'server-kill-at-call': 'crash-at-call',
  'server-kill-at-commit': 'crash-at-commit',
  'state-disk-full': 'disk-full',
  'host-reboot': 'reboot',
  'terminals-kill': 'tmux-killed',
  'container-kill': 'death',
  'model-refusal': 'limit',
  'model-hang': 'hang',
  'rotation-unread': 'swap-unheard',
  'human-push': 'human-pushes',
}

export const streamOf = (kind: FaultKind): string => streams[kind] ?? kind

/**
 * How badly a world behaves: for every kind of fault, in how many percent of its occasions it
 * strikes.
 */
export type FaultProfile = Readonly<Partial<Record<FaultKind, number>>>

const kinds = Object.keys(occasions) as (keyof typeof occasions)[]
const laterKinds = Object.keys(laterOccasions) as (keyof typeof laterOccasions)[]

export const noFaults: FaultProfile = {}

/**
 * Every seed has a profile of its own, in which about half of all faults occur: two faults that
 * hide each other's traces, or of which one keeps the run from getting to the other, are found
 * apart.
 */
export function faultProfileOf(seed: number): FaultProfile {
  // The name of the random stream: another one would change the run of every seed.
  const random = Random.named(seed, 'climate')
  const share = random.pick([20, 50, 80])
  const first = kinds
    .filter(() => random.chance(share))
    .map((kind) => [kind, frequency(occasions[kind], random)] as const)
  const later = laterKinds.flatMap((kind) => {
    const own = Random.named(seed, `profile of ${kind}`)
    return own.chance(share) ? [[kind, frequency(laterOccasions[kind], own)] as const] : []
  })
  return Object.fromEntries([...first, ...later])
}

const frequency = ([least, most]: readonly [number, number], random: Random): number =>
  least + (most - least) * random.next()
