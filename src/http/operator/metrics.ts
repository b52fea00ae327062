import type { FastifyInstance } from 'fastify'
import type { Ledger, Totals } from '../../core/model/ledger.ts'
import type { CredentialPhase } from '../../core/model/credential.ts'
import type { InstancePhase } from '../../core/model/instance.ts'
import type { State } from '../../core/model/state.ts'
import type { TaskPhase } from '../../core/model/task.ts'
import type { HandoffFigures, HandoffMeter } from '../../engine/observe/handoffs.ts'
import { renderPrometheus, expositionType, type Metric, type Sample } from './prometheus.ts'

export interface MetricsDeps {
  readonly state: () => State
  readonly ledger: () => Ledger
  readonly handoffs: HandoffMeter
}

/** For Prometheus, without a token, like the health routes: names, phases and sums, never a secret. */
export function metricsRoutes(
  app: FastifyInstance,
  { state, ledger, handoffs }: MetricsDeps,
): void {
  app.get('/metrics', (_request, reply) =>
    reply
      .type(expositionType)
      .send(
        renderPrometheus([
          ...countsIn(state()),
          ...windowsOf(state()),
          ...usageOf('credential', ledger().credentials),
          ...usageOf('model', ledger().models),
          ...handoffsOf(Object.entries(handoffs.figures)),
        ]),
      ),
  )
}

/** Every phase that there is, so that a series does not vanish when nothing is in it. */
const taskPhases: Record<TaskPhase['name'], 0> = {
  proposed: 0,
  waiting: 0,
  queued: 0,
  assigned: 0,
  working: 0,
  reported: 0,
  merging: 0,
  merged: 0,
  conflicted: 0,
  rejected: 0,
  blocked: 0,
  cancelled: 0,
}
const instancePhases: Record<InstancePhase['name'], 0> = {
  absent: 0,
  starting: 0,
  ready: 0,
  prompted: 0,
  working: 0,
  limited: 0,
  resting: 0,
  quarantined: 0,
  stopping: 0,
  stopped: 0,
}
const credentialPhases: Record<CredentialPhase['name'], 0> = {
  fresh: 0,
  leased: 0,
  missing: 0,
  cooling: 0,
  rejected: 0,
  spent: 0,
  disabled: 0,
}

const countsIn = ({ tasks, instances, credentials, merges }: State): readonly Metric[] => [
  gauge('orchestrator_tasks', 'Tasks of the plan by phase.', byPhase(tasks, taskPhases)),
  gauge(
    'orchestrator_instances',
    'Claude Code instances by phase.',
    byPhase(instances, instancePhases),
  ),
  gauge(
    'orchestrator_credentials',
    'Credentials of the pool by phase.',
    byPhase(credentials, credentialPhases),
  ),
  gauge(
    'orchestrator_merges_waiting',
    'Reported tasks that wait to be merged, the one under way included.',
    [{ value: merges.length }],
  ),
]

function byPhase(
  all: ReadonlyMap<string, { readonly phase: { readonly name: string } }>,
  phases: Record<string, 0>,
): readonly Sample[] {
  const counts = new Map<string, number>(Object.entries(phases))
  for (const { phase } of all.values()) counts.set(phase.name, (counts.get(phase.name) ?? 0) + 1)
  return [...counts].map(([phase, value]) => ({ labels: { phase }, value }))
}

function windowsOf({ credentials }: State): readonly Metric[] {
  const seen = [...credentials.values()].flatMap(({ id, windows }) =>
    windows.map(({ window, usedPercent, resetsAt }) => ({
      labels: { credential: id, window },
      usedPercent,
      resetsAt,
    })),
  )
  return [
    gauge(
      'orchestrator_credential_window_used_percent',
      'How far a usage window was used when it was last seen.',
      seen.map(({ labels, usedPercent }) => ({ labels, value: usedPercent })),
    ),
    gauge(
      'orchestrator_credential_window_reset_timestamp_seconds',
      'When a usage window begins anew.',
      seen.flatMap(({ labels, resetsAt }) =>
        resetsAt === null ? [] : [{ labels, value: resetsAt / 1_000 }],
      ),
    ),
  ]
}

/** What has been used since the run began; the sum over all models is the run's. */
function usageOf(kind: 'credential' | 'model', shares: Ledger['models']): readonly Metric[] {
  const counter = (
    what: string,
    help: string,
    samplesOf: (totals: Totals) => readonly Sample[],
  ): Metric => ({
    name: `orchestrator_${kind}_${what}_total`,
    type: 'counter',
    help: `${help} by ${kind}.`,
    samples: Object.entries(shares).flatMap(([name, totals]) =>
      samplesOf(totals).map(({ labels, value }) => ({
        labels: { [kind]: name, ...labels },
        value,
      })),
    ),
  })
  return [
    counter('requests', 'Answered requests', ({ requests }) => [{ value: requests }]),
    counter('tokens', 'Tokens', tokensByType),
    counter('cost_dollars', 'Cost in US dollars, as Claude Code reckons it,', ({ costMicros }) => [
      { value: costMicros / 1e6 },
    ]),
  ]
}

const tokensByType = ({
  inputTokens,
  outputTokens,
  cacheReadTokens,
  cacheCreationTokens,
}: Totals): readonly Sample[] =>
  Object.entries({
    input: inputTokens,
    output: outputTokens,
    cache_read: cacheReadTokens,
    cache_creation: cacheCreationTokens,
  }).map(([type, value]) => ({ labels: { type }, value }))

/** Gauges, not a summary: the figures are of the latest handoffs only. */
function handoffsOf(figures: readonly (readonly [string, HandoffFigures])[]): readonly Metric[] {
  const quantile = (kind: string, share: string, ms: number | null): readonly Sample[] =>
    ms === null ? [] : [{ labels: { kind, quantile: share }, value: ms / 1_000 }]
  const quantiles = figures.flatMap(([kind, { p50Ms, p95Ms }]) => [
    ...quantile(kind, '0.5', p50Ms),
    ...quantile(kind, '0.95', p95Ms),
  ])
  return [
    gauge(
      'orchestrator_handoff_seconds',
      'From a Stop to the next confirmed prompt, over the latest handoffs.',
      quantiles,
    ),
    gauge(
      'orchestrator_handoffs',
      'How many handoffs the quantiles describe.',
      figures.map(([kind, { count }]) => ({ labels: { kind }, value: count })),
    ),
  ]
}

const gauge = (name: string, help: string, samples: readonly Sample[]): Metric => ({
  name,
  type: 'gauge',
  help,
  samples,
})
