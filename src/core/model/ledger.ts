import type { CredentialId, InstanceId, TaskId } from './ids.ts'

/**
 * The cost of one request: tokens as the provider counts them, money in millionths of a US dollar.
 */
export interface Usage {
  readonly model: string
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cacheReadTokens: number
  readonly cacheCreationTokens: number
  readonly costMicros: number
}

/** Sums of `Usage`; tokens as the provider counts them, money in millionths of a US dollar. */
export interface Totals extends Omit<Usage, 'model'> {
  readonly requests: number
}

type Shares = Readonly<Record<string, Totals>>

/**
 * The usage of all answered requests. Each request counts in the sum of the run and in one share of
 * each kind that applies to it.
 */
export interface Ledger {
  readonly run: Totals
  readonly tasks: Shares
  readonly instances: Shares
  readonly credentials: Shares
  readonly models: Shares
}

export interface Booking {
  /** The instance's task; null for the Manager and between tasks. */
  readonly task: TaskId | null
  readonly instance: InstanceId
  readonly credential: CredentialId | null
  readonly usage: Usage
}

const nothing: Totals = {
  requests: 0,
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheCreationTokens: 0,
  costMicros: 0,
}

/** Instances report the names of models. Further names than this are counted under `other`. */
export const maxModels = 32

export const emptyLedger = (): Ledger => ({
  run: nothing,
  tasks: {},
  instances: {},
  credentials: {},
  models: {},
})

export function addUsage(ledger: Ledger, { task, instance, credential, usage }: Booking): Ledger {
  return {
    run: plus(ledger.run, usage),
    tasks: task === null ? ledger.tasks : share(ledger.tasks, task, usage),
    instances: share(ledger.instances, instance, usage),
    credentials:
      credential === null ? ledger.credentials : share(ledger.credentials, credential, usage),
    models: share(ledger.models, modelIn(ledger, usage.model), usage),
  }
}

/** The usage of this task so far. */
export const totalsOf = (ledger: Ledger, task: TaskId): Totals =>
  find(ledger.tasks, task) ?? nothing

/** All tokens sent or received, including those read from or written to a cache. */
export const tokensOf = (totals: Totals): number =>
  totals.inputTokens + totals.outputTokens + totals.cacheReadTokens + totals.cacheCreationTokens

/** A missing allowance, or a missing part of one, is no limit. */
export interface Budget {
  readonly perTask?: Allowance | undefined
  readonly perRun?: Allowance | undefined
}

export interface Allowance {
  readonly tokens?: number | undefined
  readonly costMicros?: number | undefined
}

export type BudgetVerdict = 'within' | 'near' | 'exceeded'

/**
 * The task's usage against its budget; null means the run. The worse of tokens and money decides.
 */
export function budgetVerdict(ledger: Ledger, budget: Budget, task: TaskId | null): BudgetVerdict {
  const allowance = task === null ? budget.perRun : budget.perTask
  const totals = task === null ? ledger.run : totalsOf(ledger, task)
  const verdicts = [
    compare(tokensOf(totals), allowance?.tokens),
    compare(totals.costMicros, allowance?.costMicros),
  ]
  return severity.find((verdict) => verdicts.includes(verdict)) ?? 'within'
}

const severity = ['exceeded', 'near', 'within'] as const satisfies readonly BudgetVerdict[]

/** `near` begins at 80 % of the budget. */
function compare(used: number, allowed: number | undefined): BudgetVerdict {
  if (allowed === undefined) return 'within'
  if (used >= allowed) return 'exceeded'
  return used * 5 >= allowed * 4 ? 'near' : 'within'
}

function plus(totals: Totals, usage: Usage): Totals {
  return {
    requests: totals.requests + 1,
    inputTokens: totals.inputTokens + usage.inputTokens,
    outputTokens: totals.outputTokens + usage.outputTokens,
    cacheReadTokens: totals.cacheReadTokens + usage.cacheReadTokens,
    cacheCreationTokens: totals.cacheCreationTokens + usage.cacheCreationTokens,
    costMicros: totals.costMicros + usage.costMicros,
  }
}

const share = (shares: Shares, name: string, usage: Usage): Shares => ({
  ...shares,
  [name]: plus(find(shares, name) ?? nothing, usage),
})

/** A name may be that of an inherited property, such as `constructor`. */
const find = (shares: Shares, name: string): Totals | undefined =>
  Object.hasOwn(shares, name) ? shares[name] : undefined

const modelIn = ({ models }: Ledger, model: string): string =>
  Object.hasOwn(models, model) || Object.keys(models).length < maxModels ? model : 'other'
