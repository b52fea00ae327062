import type { Fault } from '../../src/rehearsal/model/fault.ts'

/** What the model does so that a turn ends without a Stop hook, by name. */
export const unfinishedTurns: readonly (readonly [string, Fault])[] = [
  ['401', { type: 'unauthorized' }],
  ['529', { type: 'overloaded' }],
  ['closed socket', { type: 'hang', ms: 50 }],
  ['stream cut in its middle', { type: 'cut' }],
]
