import type { FaultIn } from '../../faults/catalogue.ts'

/**
 * What a fault strikes: the server, the engine, the terminals, the hub, the origin, one instance,
 * the model as one instance sees it, a credential's file.
 */
export type Target =
  | 'server'
  | 'engine'
  | 'terminals'
  | 'hub'
  | 'origin'
  | 'instance'
  | 'model'
  | 'credential'

export type KindName = FaultIn<'chaos'>

export interface Kind {
  readonly target: Target
  /** How often it is drawn beside the others. */
  readonly weight: number
  /** How long it lasts before it heals by itself, in milliseconds. */
  readonly lastsMs: readonly [least: number, most: number]
}

const passing = [0, 0] as const

/** Every fault of the catalogue that a chaos run may draw. */
export const kinds = {
  'server-kill': { target: 'server', weight: 8, lastsMs: passing },
  'server-kill-and-wait': { target: 'server', weight: 7, lastsMs: [1_000, 20_000] },
  'server-term': { target: 'server', weight: 6, lastsMs: passing },
  'server-freeze': { target: 'server', weight: 7, lastsMs: [1_000, 15_000] },
  'second-server': { target: 'server', weight: 2, lastsMs: passing },
  'engine-hangs': { target: 'engine', weight: 4, lastsMs: [1_000, 75_000] },
  'container-kill': { target: 'instance', weight: 8, lastsMs: passing },
  'agent-kill': { target: 'instance', weight: 7, lastsMs: passing },
  'tool-kill': { target: 'instance', weight: 4, lastsMs: passing },
  'carrier-kill': { target: 'instance', weight: 4, lastsMs: passing },
  'container-pause': { target: 'instance', weight: 7, lastsMs: [1_000, 30_000] },
  'network-cut': { target: 'instance', weight: 7, lastsMs: [1_000, 20_000] },
  'transcript-cut': { target: 'instance', weight: 3, lastsMs: passing },
  interrupt: { target: 'instance', weight: 4, lastsMs: passing },
  'terminals-kill': { target: 'terminals', weight: 6, lastsMs: passing },
  'terminal-close': { target: 'instance', weight: 4, lastsMs: passing },
  'model-throttle': { target: 'model', weight: 4, lastsMs: passing },
  'model-quota': { target: 'model', weight: 4, lastsMs: passing },
  'model-overload': { target: 'model', weight: 4, lastsMs: passing },
  'model-error': { target: 'model', weight: 4, lastsMs: passing },
  'model-hang': { target: 'model', weight: 4, lastsMs: passing },
  'model-cut': { target: 'model', weight: 4, lastsMs: passing },
  'work-amended': { target: 'model', weight: 3, lastsMs: passing },
  'work-squashed': { target: 'model', weight: 5, lastsMs: passing },
  'work-one-sided': { target: 'model', weight: 5, lastsMs: passing },
  'human-push': { target: 'origin', weight: 7, lastsMs: passing },
  'human-directs': { target: 'origin', weight: 2, lastsMs: passing },
  'human-plans': { target: 'origin', weight: 5, lastsMs: passing },
  'list-deleted': { target: 'origin', weight: 2, lastsMs: passing },
  'publish-refused': { target: 'origin', weight: 4, lastsMs: [1_000, 30_000] },
  'origin-slow': { target: 'origin', weight: 3, lastsMs: [1_000, 30_000] },
  'origin-hangs': { target: 'origin', weight: 4, lastsMs: [1_000, 60_000] },
  'origin-conflict': { target: 'origin', weight: 5, lastsMs: [5_000, 20_000] },
  'origin-rewritten': { target: 'origin', weight: 5, lastsMs: [1_000, 60_000] },
  'origin-away': { target: 'origin', weight: 3, lastsMs: [1_000, 20_000] },
  'git-lock': { target: 'hub', weight: 6, lastsMs: passing },
  'credential-rewrite': { target: 'credential', weight: 3, lastsMs: passing },
  'credential-rotate': { target: 'credential', weight: 3, lastsMs: passing },
  'credential-truncate': { target: 'credential', weight: 3, lastsMs: [100, 5_000] },
  'credential-unreadable': { target: 'credential', weight: 3, lastsMs: [100, 5_000] },
} as const satisfies Readonly<Record<KindName, Kind>>

export const kindNames = Object.keys(kinds) as readonly KindName[]
