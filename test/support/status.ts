import type { Status } from '../../src/rehearsal/runner/status.ts'

const none = { count: 0, p50Ms: null, p95Ms: null }

export const noHandoffs: Status['handoffs'] = { same: none, fresh: none, typed: none, answer: none }
