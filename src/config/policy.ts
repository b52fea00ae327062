import type { Allowance } from '../core/model/ledger.ts'
import { defaultPolicy, type Policy } from '../core/model/policy.ts'
import type { Settings } from './schema.ts'
import { inMs } from './units.ts'

/**
 * The settings that decisions depend on, in the core's units. A field of `Policy` that no setting
 * fills does not compile; `read.test.ts` finds a setting that is no field of it.
 */
export function policyFrom(settings: Settings): Policy {
  const { workerCount, plan, context, credentials, allowOverage, upstreamEverySeconds } = settings
  const { memoryMb: _memory, cpus: _cpus, pids: _pids, ...limits } = settings.limits
  return {
    workerCount,
    plan,
    context,
    credentials,
    allowOverage,
    ...inMs({
      upstreamEverySeconds,
      checksTimeoutMinutes: settings.checks.timeoutMinutes,
      ...limits,
    }),
    startLookMs: defaultPolicy.startLookMs,
    budget: {
      perTask: inMicros(settings.budget.perTask),
      perRun: inMicros(settings.budget.perRun),
    },
  }
}

function inMicros(allowance: Settings['budget']['perRun']): Allowance | undefined {
  if (allowance === undefined) return undefined
  return {
    tokens: allowance.tokens,
    costMicros: allowance.usd === undefined ? undefined : Math.round(allowance.usd * 1_000_000),
  }
}
