import type { InstancePhase } from './state.ts'

/** Has a launch that was up and was not given up. */
export const isRunning = (phase: InstancePhase): boolean =>
  phase.name === 'ready' || phase.name === 'prompted' || phase.name === 'working' || phase.name === 'limited'

export const isInService = (phase: InstancePhase): boolean =>
  phase.name !== 'quarantined' && phase.name !== 'stopping' && phase.name !== 'stopped'
