import type { RuntimeKind } from './arguments.ts'
import { type Stage, targetBranch } from './stage.ts'
import type { Status } from './status.ts'
import { formatTable } from './table.ts'
import type { Finding, Verdict } from './verify.ts'

/** What `--json` prints: stable, for other programs. */
export interface Outcome {
  readonly ok: boolean
  readonly runtime: RuntimeKind
  readonly workers: number
  readonly tasks: readonly OutcomeTask[]
  readonly targetBranch: string
  readonly head: string
  readonly repository: string
  readonly handoffMs: { readonly p50: number | null; readonly p95: number | null }
  /** The server's part of a handoff that travels in the answer to a Stop hook. */
  readonly answerMs: { readonly p50: number | null; readonly p95: number | null }
  readonly seconds: number
  readonly findings: readonly Finding[]
}

interface OutcomeTask {
  readonly id: string
  readonly worker: string | null
  readonly phase: string
  readonly attempts: number
  /** The merge commit. */
  readonly commit: string | null
}

export interface OutcomeSource {
  readonly runtime: RuntimeKind
  readonly workers: number
  readonly stage: Stage
  readonly status: Status
  readonly verdict: Verdict
  readonly findings: readonly Finding[]
  readonly elapsedMs: number
}

export function outcomeOf({ runtime, workers, stage, status, verdict, findings, elapsedMs }: OutcomeSource): Outcome {
  return {
    ok: findings.every(({ problem }) => problem === null),
    runtime,
    workers,
    tasks: status.tasks.map(({ id, assignee, phase, attempts }) => ({
      id,
      worker: assignee,
      phase,
      attempts,
      commit: verdict.merges.get(id) ?? null,
    })),
    targetBranch,
    head: verdict.head,
    repository: stage.origin,
    handoffMs: usualHandoff(status),
    answerMs: { p50: status.handoffs['answer']?.p50Ms ?? null, p95: status.handoffs['answer']?.p95Ms ?? null },
    seconds: Math.round(elapsedMs / 100) / 10,
    findings,
  }
}

/** The way of handing over that this run used most. */
function usualHandoff({ handoffs }: Status): Outcome['handoffMs'] {
  const { answer: _, ...ways } = handoffs
  const most = Object.values(ways).toSorted((a, b) => b.count - a.count)[0]
  return { p50: most?.p50Ms ?? null, p95: most?.p95Ms ?? null }
}

export function renderOutcome({ tasks, handoffMs, answerMs, head, findings, ok, seconds }: Outcome): readonly string[] {
  const rows = tasks.map(({ id, worker, phase, attempts, commit }) => [
    id,
    worker ?? '',
    phase,
    String(attempts),
    commit?.slice(0, 9) ?? '',
  ])
  const ms = (value: number | null): string => (value === null ? '–' : `${Math.round(value * 10) / 10} ms`)
  const answered = answerMs.p50 === null ? '' : ` (of it in the server: ${ms(answerMs.p50)}, ${ms(answerMs.p95)})`
  return [
    '',
    ...formatTable([['task', 'worker', 'phase', 'attempts', 'merge commit'], ...rows]),
    '',
    `handoff: median ${ms(handoffMs.p50)}, 95 % within ${ms(handoffMs.p95)}${answered}    head: ${head.slice(0, 9)}    ${seconds} s`,
    '',
    ...findings.map(({ promise, problem }) => (problem === null ? `✓ ${promise}` : `✗ ${promise}: ${problem}`)),
    '',
    ok ? 'The rehearsal went well.' : 'The rehearsal failed.',
  ]
}
