import { availableParallelism } from 'node:os'
import type { Allowance } from '../core/model/ledger.ts'
import { defaultPolicy, type Policy } from '../core/model/policy.ts'
import type { Settings } from './schema.ts'
import { inMs } from './units.ts'

/**
 * The settings that decisions depend on, in the core's units. A field of `Policy` that no setting
 * fills does not compile; `read.test.ts` finds a setting that is no field of it.
 */
export function policyFrom(settings: Settings): Policy {
  const { workerCount, plan, context, allowOverage, upstreamEverySeconds } = settings
  const { memoryMb: _memory, cpus: _cpus, pids: _pids, diskMb: _disk, ...limits } = settings.limits
  return {
    workerCount,
    plan,
    context,
    // The start decides `auto` when it has read the pool.
    credentials: settings.credentials === 'gateway' ? 'gateway' : defaultPolicy.credentials,
    allowOverage,
    ...inMs({
      upstreamEverySeconds,
      checksTimeoutMinutes: settings.checks.timeoutMinutes,
      ...limits,
    }),
    startsAtOnce: limits.startsAtOnce ?? availableParallelism(),
    checks: settings.checks.commands,
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
