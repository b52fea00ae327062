import { measureAdoption } from './adoption.ts'
import type { Measure } from './bench.ts'
import { measureBigStore } from './big-store.ts'
import { measureDecisions } from './decide.ts'
import { measureDispatch } from './dispatch.ts'
import { measureFleet } from './fleet/fleet.ts'
import { measureGateway } from './gateway.ts'
import { measureHooks } from './hooks.ts'
import { measureNetwork } from './network.ts'
import { measureStatus } from './status.ts'
import { measureStore } from './store.ts'
import { measureEightWorkers, measureOneWorker } from './team/team.ts'

export interface Path {
  /** What `--only` finds it by: any part of any of these words. */
  readonly words: readonly string[]
  readonly measure: Measure
  readonly needsEngine: boolean
  /** Compares two ways of the product, and is measured only when it is named. */
  readonly onRequest?: true
}

/** In the order of the table: what takes seconds comes first. */
export const paths: readonly Path[] = [
  { words: ['decide'], measure: measureDecisions, needsEngine: false },
  { words: ['dispatch'], measure: measureDispatch, needsEngine: false },
  { words: ['status'], measure: measureStatus, needsEngine: false },
  { words: ['hooks'], measure: measureHooks, needsEngine: false },
  { words: ['store', 'commit'], measure: measureStore, needsEngine: false },
  { words: ['big-store', 'backup'], measure: measureBigStore, needsEngine: false },
  { words: ['gateway'], measure: measureGateway, needsEngine: false },
  { words: ['adoption'], measure: measureAdoption, needsEngine: true },
  {
    words: ['one-worker', 'handoff', 'ready', 'merge', 'loop'],
    measure: measureOneWorker,
    needsEngine: true,
  },
  {
    words: ['eight-workers', 'handoff', 'ready', 'processors', 'executions', 'tokens'],
    measure: measureEightWorkers,
    needsEngine: true,
  },
  { words: ['memory', 'fleet'], measure: measureFleet, needsEngine: false },
  { words: ['network'], measure: measureNetwork, needsEngine: true, onRequest: true },
]

/** Those that one of the words is a part of; without words, all that need no request. */
export const chosenPaths = (only: readonly string[]): readonly Path[] =>
  paths.filter(({ words, onRequest }) =>
    only.length === 0
      ? onRequest === undefined
      : only.some((part) => words.some((word) => word.includes(part))),
  )
