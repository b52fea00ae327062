import fastify, { type FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSteppedClock, type SteppedClock } from '../../../test/fakes/stepped-clock.ts'
import { line, manager, one, planned, Run } from '../../../test/support/run.ts'
import { openSessions } from '../../../test/support/surface.ts'
import { CredentialId, TaskId } from '../../core/model/ids.ts'
import { addUsage, emptyLedger, type Ledger } from '../../core/model/ledger.ts'
import { HandoffMeter } from '../../engine/observe/handoffs.ts'
import { RunningChecks } from '../../engine/observe/running-checks.ts'
import type { CheckOutcome } from '../../ports/checks.ts'
import { metricsRoutes } from './metrics.ts'

let app: FastifyInstance
let run: Run
let ledger: Ledger
let handoffs: HandoffMeter
let clock: SteppedClock
let runningChecks: RunningChecks

const tokens = { operatorToken: 'operates', readerToken: 'reads' }
const access = {
  ...{ ...tokens, sessions: openSessions(tokens) },
  address: () => ({ host: '127.0.0.1', port: 7700, publicUrl: null }),
}
const scrape = async () =>
  app.inject({ url: '/metrics', headers: { authorization: 'Bearer reads' } })
const lines = async () => (await scrape()).body.split('\n')

beforeEach(() => {
  run = new Run({ workerCount: 1 })
  ledger = emptyLedger()
  handoffs = new HandoffMeter()
  app = fastify()
  clock = createSteppedClock()
  runningChecks = new RunningChecks(clock)
  metricsRoutes(
    app,
    { state: () => run.state, ledger: () => ledger, handoffs, runningChecks },
    access,
  )
})

afterEach(() => app.close())

describe('the metrics', () => {
  it('are in the text format of Prometheus', async () => {
    const response = await scrape()
    expect(response.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
    for (const line of response.body.trimEnd().split('\n'))
      expect(line).toMatch(
        /^# (?:HELP|TYPE) orchestrator_\w+ .+$|^orchestrator_\w+(?:\{\w+="[^"]*"(?:,\w+="[^"]*")*\})? \d+(?:\.\d+)?$/,
      )
    const names = response.body.match(/(?<=# TYPE )\w+/g) ?? []
    expect(new Set(names).size).toBe(names.length)
  })

  it('count tasks, instances and credentials by phase, empty phases included', async () => {
    run.planned([planned('a'), planned('b')]).confirmed(one)
    expect(await lines()).toEqual(
      expect.arrayContaining([
        'orchestrator_tasks{phase="working"} 1',
        'orchestrator_tasks{phase="queued"} 1',
        'orchestrator_tasks{phase="merged"} 0',
        'orchestrator_instances{phase="working"} 1',
        'orchestrator_instances{phase="quarantined"} 0',
        'orchestrator_credentials{phase="leased"} 2',
        'orchestrator_merges_waiting 0',
      ]),
    )
    run.reports(one)
    expect(await lines()).toContain('orchestrator_merges_waiting 1')
  })

  it('show the used share of each window of a credential, and when it resets', async () => {
    const credential = CredentialId('key-1')
    run.when({
      type: 'window-seen',
      credential,
      window: 'five-hour',
      usedPercent: 42.5,
      resetsAt: 1_800_000_000_000,
    })
    run.when({ type: 'window-seen', credential, window: 'weekly', usedPercent: 7, resetsAt: null })
    const labels = 'credential="key-1",window="five-hour"'
    const shown = await lines()
    expect(shown).toContain(`orchestrator_credential_window_used_percent{${labels}} 42.5`)
    expect(shown).toContain(
      `orchestrator_credential_window_reset_timestamp_seconds{${labels}} 1800000000`,
    )
    expect(shown).toContain(
      'orchestrator_credential_window_used_percent{credential="key-1",window="weekly"} 7',
    )
    expect(shown.filter((line) => line.includes('reset_timestamp_seconds{'))).toHaveLength(1)
  })

  it('add up what each credential and each model used', async () => {
    const usage = {
      model: 'opus',
      inputTokens: 1,
      outputTokens: 2,
      cacheReadTokens: 3,
      cacheCreationTokens: 4,
      costMicros: 1_500_000,
    }
    ledger = addUsage(ledger, {
      task: TaskId('a'),
      instance: one,
      credential: CredentialId('key-1'),
      usage,
    })
    ledger = addUsage(ledger, {
      task: null,
      instance: manager,
      credential: CredentialId('key-2'),
      usage,
    })
    expect(await lines()).toEqual(
      expect.arrayContaining([
        'orchestrator_credential_tokens_total{credential="key-1",type="cache_read"} 3',
        'orchestrator_credential_cost_dollars_total{credential="key-2"} 1.5',
        'orchestrator_model_tokens_total{model="opus",type="output"} 4',
        'orchestrator_model_requests_total{model="opus"} 2',
        'orchestrator_model_cost_dollars_total{model="opus"} 3',
      ]),
    )
  })

  it('show for how long the running check of a line has printed nothing', async () => {
    const ended = Promise.withResolvers<CheckOutcome>()
    const runner = { run: () => ended.promise }
    const running = runningChecks.observe(runner, { line, task: null }).run('c0', ['npm ci'], 1_000)
    clock.jump(90_000)
    const sample = `orchestrator_check_silent_seconds{line="${line}"} 90`
    expect(await lines()).toContain(sample)
    ended.resolve({ ok: true, output: '' })
    await running
    expect((await scrape()).body).not.toContain('orchestrator_check_silent_seconds{')
  })

  it('show how long handoffs take, in seconds', async () => {
    handoffs.recordAnswer(3)
    expect(await lines()).toEqual(
      expect.arrayContaining([
        'orchestrator_handoff_seconds{kind="answer",quantile="0.95"} 0.003',
        'orchestrator_handoffs{kind="answer"} 1',
        'orchestrator_handoffs{kind="same"} 0',
      ]),
    )
  })
})
