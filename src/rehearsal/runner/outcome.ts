import type { EventView } from '../../http/contract/event.ts'
import type { RuntimeKind } from './arguments.ts'
import { type Durations, durationsIn, type Spread } from './durations.ts'
import { type Setup, targetBranch } from './setup.ts'
import type { Status } from './status.ts'
import { formatTable } from './table.ts'
import { describeProbe, type MachineProbe } from './machine-probe.ts'
import type { Publication } from './publication.ts'
import type { Rotation } from './rotations.ts'
import type { Finding, Verdict } from './verify.ts'

/** What `--json` prints: stable, for other programs. */
export interface Outcome extends Durations {
  readonly ok: boolean
  readonly runtime: RuntimeKind
  readonly workers: number
  readonly tasks: readonly OutcomeTask[]
  readonly targetBranch: string
  readonly head: string
  /** Whether the origin has the files of the hub, by git. */
  readonly published: boolean
  /** The origin's head of the target branch, by git; null when it cannot be read. */
  readonly originHead: string | null
  readonly repository: string
  readonly handoffMs: Spread
  /** The server's part of a handoff that travels in the answer to a Stop hook. */
  readonly answerMs: Spread
  readonly swaps: readonly Rotation[]
  readonly parkedMs: number
  readonly seconds: number
  /** What the machine can do at the end of the run: the scale for all figures above. */
  readonly machine: MachineProbe
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
  readonly setup: Setup
  readonly status: Status
  readonly verdict: Verdict
  readonly publication: Publication
  readonly events: readonly EventView[]
  readonly rotations: readonly Rotation[]
  readonly parkedMs: number
  readonly findings: readonly Finding[]
  readonly elapsedMs: number
  readonly machine: MachineProbe
}

export function outcomeOf(source: OutcomeSource): Outcome {
  const {
    runtime,
    workers,
    setup,
    status,
    verdict,
    publication,
    events,
    rotations,
    parkedMs,
    findings,
    elapsedMs,
    machine,
  } = source
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
    published: publication.published,
    originHead: publication.originHead,
    repository: setup.origin,
    handoffMs: usualHandoff(status),
    answerMs: {
      p50: status.handoffs['answer']?.p50Ms ?? null,
      p95: status.handoffs['answer']?.p95Ms ?? null,
    },
    ...durationsIn(events),
    swaps: rotations,
    parkedMs,
    seconds: Math.round(elapsedMs / 100) / 10,
    machine,
    findings,
  }
}

/** The way of handing over that this run used most. */
function usualHandoff({ handoffs }: Status): Outcome['handoffMs'] {
  const { answer: _, ...ways } = handoffs
  const most = Object.values(ways).toSorted((a, b) => b.count - a.count)[0]
  return { p50: most?.p50Ms ?? null, p95: most?.p95Ms ?? null }
}

export function renderOutcome({
  tasks,
  handoffMs,
  answerMs,
  readyMs,
  mergeMs,
  swaps: rotations,
  parkedMs,
  head,
  published,
  originHead,
  findings,
  ok,
  seconds,
  machine,
}: Outcome): readonly string[] {
  const rows = tasks.map(({ id, worker, phase, attempts, commit }) => [
    id,
    worker ?? '',
    phase,
    String(attempts),
    commit?.slice(0, 9) ?? '',
  ])
  const ms = (value: number | null): string =>
    value === null ? '–' : `${Math.round(value * 10) / 10} ms`
  const answered =
    answerMs.p50 === null ? '' : ` (of it in the server: ${ms(answerMs.p50)}, ${ms(answerMs.p95)})`
  return [
    '',
    ...formatTable([['task', 'worker', 'phase', 'attempts', 'merge commit'], ...rows]),
    '',
    `handoff: median ${ms(handoffMs.p50)}, 95 % within ${ms(handoffMs.p95)}${answered}    head: ${head.slice(0, 9)}    ${seconds} s`,
    `start: median ${ms(readyMs.p50)}    report to merge: median ${ms(mergeMs.p50)}`,
    `published: ${published ? 'yes' : 'no'}    the origin's head: ${originHead?.slice(0, 9) ?? '–'}`,
    describeProbe(machine),
    ...(rotations.length === 0 ? [] : ['', ...rotationTable(rotations)]),
    ...(parkedMs === 0
      ? []
      : ['', `longest wait for a credential: ${Math.round(parkedMs / 1_000)} s`]),
    '',
    ...findings.map(({ promise, problem }) =>
      problem === null ? `✓ ${promise}` : `✗ ${promise}: ${problem}`,
    ),
    '',
    ok ? 'The rehearsal went well.' : 'The rehearsal failed.',
  ]
}

function rotationTable(rotations: readonly Rotation[]): readonly string[] {
  const ms = (value: number | null): string => (value === null ? '–' : `${value} ms`)
  const rows = rotations.map((rotation) => [
    rotation.instance,
    rotation.from,
    rotation.to,
    rotation.reason,
    ms(rotation.signalMs),
    ms(rotation.resumedMs),
    rotation.restarted ? 'yes' : 'no',
    rotation.sameConversation === null ? '–' : rotation.sameConversation ? 'kept' : 'lost',
  ])
  return formatTable([
    ['instance', 'from', 'to', 'reason', 'noticed', 'resumed', 'restarted', 'conversation'],
    ...rows,
  ])
}
