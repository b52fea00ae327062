import type { FaultPlan } from './fault-plan.ts'

export type CredentialShape = 'auth-token' | 'api-key' | 'oauth-token'

/** A world in which credentials run into limits, and what the server is to make of it. */
export interface Limits {
  readonly shape: CredentialShape
  /** Credentials beyond one for each instance. */
  readonly spare: number
  readonly faultPlan: FaultPlan
  /** How long the model thinks before each answer: some things take seconds to be noticed. */
  readonly thinkMs?: number
  /** More of `orchestrator.json`. */
  readonly settings?: Readonly<Record<string, unknown>>
  readonly expected: Expected
}

export interface Expected {
  /** What the server must take it for, by the name in its journal. */
  readonly modelError?: string
  /** The least and the most changes of a credential. */
  readonly rotations: readonly [least: number, most: number]
  /** No turn fails: the agent does not notice. */
  readonly isUnnoticed?: true
  /** Every credential that is struck stays unused until its faultPlan is over. */
  readonly isLeftAlone?: true
  /**
   * One failed turn leads to one rotation, and the first request with the new credential is
   * answered.
   */
  readonly isDirect?: true
  /** An instance waits until a credential comes back. */
  readonly isParked?: true
}

const hour = 3_600_000
const day = 24 * hour

const nothing = { quirks: {}, checks: [] } as const

const inMidTurn = { steps: 3, role: 'worker' } as const

/**
 * Throttling and overload: one turn fails for good after three retries, the next one gets through
 * by retries.
 */
const aFewTimes = 5

export const limitScenarios = {
  'limit-one': {
    ...nothing,
    summary:
      'one worker hits its five-hour window in the middle of a turn; there is a spare credential',
    limits: {
      shape: 'oauth-token',
      spare: 1,
      faultPlan: {
        fault: { type: 'limit', window: 'five_hour' },
        strikes: 'one',
        when: inMidTurn,
        lastsMs: hour,
      },
      expected: { modelError: 'quota', rotations: [1, 1], isLeftAlone: true, isDirect: true },
    },
  },
  'limit-all': {
    ...nothing,
    summary: 'all credentials hit their five-hour window, which opens again after 25 seconds',
    limits: {
      shape: 'oauth-token',
      spare: 1,
      faultPlan: {
        fault: { type: 'limit', window: 'five_hour' },
        strikes: 'all',
        when: inMidTurn,
        lastsMs: 25_000,
      },
      expected: { modelError: 'quota', rotations: [0, 12], isParked: true },
    },
  },
  'limit-weekly-text': {
    ...nothing,
    summary: 'one worker hits its weekly window, for which Claude Code opens a dialog',
    limits: {
      shape: 'oauth-token',
      spare: 1,
      faultPlan: {
        fault: { type: 'limit', window: 'seven_day' },
        strikes: 'one',
        when: inMidTurn,
        lastsMs: 3 * day,
      },
      expected: { modelError: 'quota', rotations: [1, 1], isLeftAlone: true, isDirect: true },
    },
  },
  throttle: {
    ...nothing,
    summary: 'one worker asks too often for a while, which is no used-up window',
    limits: {
      // With other kinds Claude Code words it like a used-up window.
      shape: 'oauth-token',
      spare: 1,
      faultPlan: {
        fault: { type: 'throttled' },
        strikes: 'one',
        when: inMidTurn,
        times: aFewTimes,
      },
      expected: { modelError: 'throttled', rotations: [0, 1] },
    },
  },
  overload: {
    ...nothing,
    summary: 'the service is overloaded for a while',
    limits: {
      shape: 'auth-token',
      spare: 1,
      faultPlan: {
        fault: { type: 'overloaded' },
        strikes: 'one',
        when: inMidTurn,
        times: aFewTimes,
      },
      expected: { modelError: 'overloaded', rotations: [0, 0] },
    },
  },
  revoked: {
    ...nothing,
    summary: 'one credential is revoked in the middle of a turn, for good',
    limits: {
      shape: 'oauth-token',
      spare: 1,
      faultPlan: { fault: { type: 'revoked' }, strikes: 'one', when: inMidTurn },
      expected: { modelError: 'rejected', rotations: [1, 1], isLeftAlone: true, isDirect: true },
    },
  },
  spend: {
    ...nothing,
    summary: 'one credential has no credit left',
    limits: {
      shape: 'auth-token',
      spare: 1,
      faultPlan: { fault: { type: 'spent' }, strikes: 'one', when: inMidTurn },
      expected: { modelError: 'spent', rotations: [1, 1], isLeftAlone: true, isDirect: true },
    },
  },
  'subagent-limit': {
    ...nothing,
    quirks: { 1: 'delegates' },
    summary: 'a subagent hits the five-hour window of its worker',
    limits: {
      shape: 'oauth-token',
      spare: 1,
      faultPlan: {
        fault: { type: 'limit', window: 'five_hour' },
        strikes: 'one',
        when: { steps: 0, role: 'subagent' },
        lastsMs: hour,
      },
      expected: { modelError: 'quota', rotations: [1, 1] },
    },
  },
  proactive: {
    ...nothing,
    summary: 'one worker nears the end of its five-hour window and is moved before it hits it',
    limits: {
      shape: 'oauth-token',
      spare: 1,
      thinkMs: 500,
      faultPlan: {
        fault: { type: 'limit', window: 'five_hour' },
        strikes: 'one',
        when: { steps: 0, role: 'worker' },
        warnings: 16,
        lastsMs: hour,
      },
      expected: { rotations: [1, 1], isUnnoticed: true },
    },
  },
  'gateway-limit': {
    ...nothing,
    summary: 'one worker hits a window behind the gateway, and never notices',
    limits: {
      shape: 'auth-token',
      spare: 1,
      settings: { credentials: 'gateway' },
      faultPlan: {
        fault: { type: 'limit', window: 'five_hour' },
        strikes: 'one',
        when: inMidTurn,
        lastsMs: hour,
      },
      expected: {
        modelError: 'quota',
        rotations: [1, 1],
        isUnnoticed: true,
        isLeftAlone: true,
        isDirect: true,
      },
    },
  },
} as const satisfies Readonly<Record<string, unknown>>
