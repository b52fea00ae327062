import { Random } from './random.ts'

/** What may go wrong, and how often where it does: percent of the occasions, from a calm place to a wild one. */
const occasions = {
  // The server. A crash strikes at a moment, at a call to a port, before or after it, and at a commit, before or after it.
  crash: [2, 15],
  stop: [1, 5],
  'crash-at-call': [0.2, 2],
  'crash-at-commit': [0.1, 1],
  // The machine.
  'disk-full': [0.1, 0.5],
  'clock-jump': [1, 4],
  reboot: [0.5, 3],
  'pool-changes': [1, 8],
  // Calls to git, to the engine, to tmux.
  'call-fails': [1, 8],
  'call-slow': [2, 15],
  'answer-lost': [1, 8],
  'engine-away': [1, 5],
  'tmux-killed': [2, 10],
  'notice-lost': [5, 50],
  'notice-late': [5, 30],
  'check-fails': [2, 20],
  // Instances and their hooks.
  death: [3, 20],
  zombie: [20, 80],
  'hook-late': [2, 15],
  'hook-doubled': [2, 15],
  'hook-lost': [1, 4],
  'hook-again': [2, 10],
  'enter-lost': [2, 10],
  'workspace-stuck': [2, 15],
  // The model.
  limit: [2, 15],
  silence: [3, 15],
  hang: [1, 5],
  question: [3, 15],
  collision: [10, 50],
  lie: [3, 15],
  confusion: [3, 15],
  'swap-unheard': [5, 40],
  // Other people.
  'human-pushes': [2, 15],
  'human-plans': [2, 10],
  'target-moves': [2, 15],
  'publish-refused': [5, 30],
} as const satisfies Readonly<Record<string, readonly [number, number]>>

export type FaultKind = keyof typeof occasions

/** How badly a world behaves: for every kind of fault, in how many percent of its occasions it strikes. */
export type FaultProfile = Readonly<Partial<Record<FaultKind, number>>>

const kinds = Object.keys(occasions) as FaultKind[]

export const noFaults: FaultProfile = {}

/**
 * Every seed has a profile of its own, in which about half of all faults occur: two faults that hide each other's traces, or of which one keeps
 * the run from getting to the other, are found apart.
 */
export function faultProfileOf(seed: number): FaultProfile {
  // The name of the random stream: another one would change the run of every seed.
  const random = Random.named(seed, 'climate')
  const share = random.pick([20, 50, 80])
  return Object.fromEntries(
    kinds
      .filter(() => random.chance(share))
      .map((kind) => {
        const [least, most] = occasions[kind]
        return [kind, least + (most - least) * random.next()]
      }),
  )
}
