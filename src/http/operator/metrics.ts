import type { FastifyInstance } from 'fastify'
import type { LineId } from '../../core/model/ids.ts'
import type { Ledger, Totals } from '../../core/model/ledger.ts'
import type { State } from '../../core/model/state.ts'
import type { HandoffFigures, HandoffMeter } from '../../engine/observe/handoffs.ts'
import type { RunningCheck, RunningChecks } from '../../engine/observe/running-checks.ts'
import { type Access, roleOf } from '../access/caller.ts'
import { routes } from '../contract/routes.ts'
import { renderPrometheus, expositionType, type Metric, type Sample } from './prometheus.ts'
import { serve } from './serve.ts'
import { publicCredentialPhase } from './views/credential.ts'
import { publicInstancePhase } from './views/instance.ts'
import { publicTaskPhase } from './views/task.ts'

export interface MetricsDeps {
  readonly state: () => State
  readonly ledger: () => Ledger
  readonly handoffs: HandoffMeter
  readonly runningChecks: RunningChecks
}

/**
 * For Prometheus, without a secret. Without a token only phases and sums; names of lines,
 * credentials and models need one.
 */
export function metricsRoutes(
  app: FastifyInstance,
  { state, ledger, handoffs, runningChecks }: MetricsDeps,
  access: Access,
): void {
  const named = (): readonly Metric[] => [
    silenceOf(runningChecks.all),
    ...windowsOf(state()),
    disclosuresTo(state()),
    ...usageOf('credential', ledger().credentials),
    ...usageOf('model', ledger().models),
  ]
  serve(app, routes.metrics, (_request, reply) => {
    reply.type(expositionType)
    return renderPrometheus([
      ...countsIn(state()),
      ...(roleOf(reply.request, access) === null ? [] : named()),
      ...handoffsOf(Object.entries(handoffs.figures)),
    ])
  })
}

const countsIn = ({ tasks, instances, credentials, merges }: State): readonly Metric[] => [
  gauge('orchestrator_tasks', 'Tasks of the plan by phase.', byPhase(tasks, publicTaskPhase)),
  gauge(
    'orchestrator_instances',
    'Claude Code instances by phase.',
    byPhase(instances, publicInstancePhase),
  ),
  gauge(
    'orchestrator_credentials',
    'Credentials of the pool by phase.',
    byPhase(credentials, publicCredentialPhase),
  ),
  gauge(
    'orchestrator_merges_waiting',
    'Reported tasks in the merge queue, including the one that is being merged.',
    [{ value: merges.length }],
  ),
]

/** Of each line the check that has been silent for longest; no sample where none runs. */
function silenceOf(running: readonly RunningCheck[]): Metric {
  const longest = new Map<LineId, number>()
  for (const { line, silentMs } of running)
    longest.set(line, Math.max(silentMs, longest.get(line) ?? 0))
  return gauge(
    'orchestrator_check_silent_seconds',
    'Seconds for which the running check of a line has printed nothing.',
    [...longest].map(([line, ms]) => ({ labels: { line }, value: ms / 1_000 })),
  )
}

/** A sample for every phase, so that a series does not vanish when its phase is empty. */
function byPhase<Name extends string>(
  entries: ReadonlyMap<string, { readonly phase: { readonly name: Name } }>,
  publicPhase: Readonly<Record<Name, string>>,
): readonly Sample[] {
  const counts = new Map<string, number>(
    Object.values<string>(publicPhase).map((phase) => [phase, 0]),
  )
  for (const { phase } of entries.values()) {
    const name = publicPhase[phase.name]
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return [...counts].map(([phase, value]) => ({ labels: { phase }, value }))
}

/** How many secrets of the pool each instance could read so far. */
function disclosuresTo({ credentials, instances }: State): Metric {
  const given = [...credentials.values()].flatMap(({ disclosures }) => disclosures)
  return gauge(
    'orchestrator_instance_credentials_given',
    'Credentials of the pool that an instance was given, its first one included.',
    [...instances.keys()].map((instance) => ({
      labels: { instance },
      value: given.filter((each) => each.instance === instance).length,
    })),
  )
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
      'Used share of a usage window when it was last reported.',
      seen.map(({ labels, usedPercent }) => ({ labels, value: usedPercent })),
    ),
    gauge(
      'orchestrator_credential_window_reset_timestamp_seconds',
      'When a usage window resets.',
      seen.flatMap(({ labels, resetsAt }) =>
        resetsAt === null ? [] : [{ labels, value: resetsAt / 1_000 }],
      ),
    ),
  ]
}

/** Sums since the start of the run; the sum over all models is that of the run. */
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
    counter('cost_dollars', 'Cost in US dollars, as Claude Code computes it,', ({ costMicros }) => [
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

/** Gauges, not a summary: the figures cover only the latest handoffs. */
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
      'Number of handoffs that the quantiles describe.',
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
