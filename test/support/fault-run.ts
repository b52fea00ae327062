import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { findEngine } from '../../src/adapters/docker/engine.ts'
import { answerAs } from '../../src/rehearsal/players/answer-as.ts'
import { docker } from '../../src/rehearsal/chaos/world/command.ts'
import { type Model, type ModelOptions, startModel } from '../../src/rehearsal/model/server.ts'
import { findLeftovers } from '../../src/rehearsal/runner/leftovers.ts'
import { describeProbe, probeMachine } from '../../src/rehearsal/runner/machine-probe.ts'
import { type FaultIn, faultCatalogue } from '../../src/rehearsal/faults/catalogue.ts'
import { modelHost } from '../../src/rehearsal/runner/model-host.ts'
import { createSetup, type Setup } from '../../src/rehearsal/runner/setup.ts'
import type { Status } from '../../src/rehearsal/runner/status.ts'
import { verify } from '../../src/rehearsal/runner/verify.ts'
import { makeSample, type Sample } from '../../src/rehearsal/scenarios/sample.ts'
import { Gate } from './gate.ts'
import { Journal } from './journal.ts'
import { LiveServer } from './live-server.ts'

/**
 * One line for each row of the fault table: what was seen, times included, beside what is promised.
 */
export function report(
  fault: FaultIn<'e2e'>,
  measured: string,
  expected: string,
  isKept: boolean,
): void {
  const row = `${fault}: ${faultCatalogue[fault].what}`
  process.stdout.write(`${row} | ${measured} | ${expected} | ${isKept ? 'ok' : 'NOT KEPT'}\n`)
  expect(isKept, `${row}: ${measured}, where ${expected} is expected`).toBe(true)
}

/** The smallest figure that so many of a hundred do not exceed. */
export function percentile(figures: readonly number[], share: number): number {
  const sorted = figures.toSorted((one, other) => one - other)
  return sorted[Math.max(0, Math.ceil((share / 100) * sorted.length) - 1)] ?? Number.NaN
}

/**
 * Polls until the answer is not null. For facts that are in no journal; the time limit only ends a
 * hang.
 */
export async function until<Value>(
  what: string,
  ask: () => Promise<Value | null>,
  withinMs = 240_000,
  everyMs = 25,
): Promise<Value> {
  const end = Date.now() + withinMs
  for (;;) {
    const answer = await ask()
    if (answer !== null) return answer
    if (Date.now() > end) throw new Error(`${what}: not within ${withinMs / 1_000} s`)
    await delay(everyMs)
  }
}

interface Choices {
  readonly workers: number
  readonly tasks: number
  /**
   * Of `limits` in the configuration, beside those that let a test fail the same instance again and
   * again.
   */
  readonly limits?: Readonly<Record<string, unknown>>
  readonly settings?: Readonly<Record<string, unknown>>
  readonly spare?: number
  /** Of the project, in place of those of the sample with the same path or beside them. */
  readonly files?: Sample['seed']
  readonly gate?: Gate
  readonly faultFor?: ModelOptions['faultFor']
}

/**
 * Workers without quirks, and no two tasks touch the same lines: every problem comes from the
 * fault.
 */
const diligent = { summary: 'every worker does its task', quirks: {}, checks: [] } as const

const patient = { quarantineFailures: 100, losses: 100, backOffCapSeconds: 1 }

const withFiles = (sample: Sample, files: Sample['seed']): Sample => ({
  ...sample,
  seed: [
    ...sample.seed.filter(({ path }) => !files.some((other) => other.path === path)),
    ...files,
  ],
})

/** A run on real parts that a test disturbs, and that has to come to its end all the same. */
export class FaultRun implements AsyncDisposable {
  readonly gate: Gate
  readonly sample: Sample
  readonly model: Model
  readonly setup: Setup
  readonly server: LiveServer
  readonly journal: Journal

  static async open(choices: Choices): Promise<FaultRun> {
    const { workers, tasks, limits, settings, spare = 0, gate = new Gate(), faultFor } = choices
    const { files = [] } = choices
    const sample = withFiles(makeSample(diligent, tasks, workers), files)
    const act = gate.through((request) => answerAs(sample.script, request))
    const model = await startModel({
      host: await modelHost('docker'),
      act,
      ...(faultFor ? { faultFor } : {}),
    })
    const setup = await createSetup({
      seed: sample.seed,
      workers,
      runtime: 'docker',
      context: 'fresh',
      checks: [],
      modelUrl: model.url,
      credentials: { shape: 'auth-token', spare },
      settings: { limits: { ...patient, ...limits }, ...settings },
    })
    return new FaultRun(gate, sample, model, setup)
  }

  private constructor(gate: Gate, sample: Sample, model: Model, setup: Setup) {
    this.gate = gate
    this.sample = sample
    this.model = model
    this.setup = setup
    this.server = new LiveServer(setup)
    this.journal = new Journal(setup.state)
  }

  async token(): Promise<string> {
    return (await readFile(join(this.setup.state, 'operator-token'), 'utf8')).trim()
  }

  async status(): Promise<Status> {
    return until('the server answers', () => this.server.status().catch(() => null))
  }

  /** Resolves with the ids of the workers once so many stand at the gate. */
  async atWork(count: number, withinMs = 480_000): Promise<readonly string[]> {
    return until(
      `${count} workers are at work`,
      async () => {
        const { waiting } = this.gate
        if (waiting.length < count) return null
        const { instances } = await this.status()
        const found = instances.filter(
          ({ phase, task }) => phase === 'working' && task !== null && waiting.includes(task),
        )
        return found.length >= count ? found.map(({ id }) => id) : null
      },
      withinMs,
      100,
    )
  }

  async taskOf(instance: string): Promise<string> {
    const task = (await this.status()).instances.find(({ id }) => id === instance)?.task ?? null
    if (task === null) throw new Error(`${instance} holds no task`)
    return task
  }

  container(instance: string): string {
    return `orchestrator-${this.server.run}-${instance}`
  }

  /**
   * Through the engine's API, so that no process has to start first. Returns the time of the
   * request.
   */
  async killContainer(instance: string): Promise<number> {
    const container = findEngine().api.getContainer(this.container(instance))
    const at = Date.now()
    await container.kill({ signal: 'KILL' })
    return at
  }

  async startTimes(): Promise<readonly string[]> {
    const { run } = await this.status()
    const ids = await docker(
      'ps',
      '--quiet',
      '--filter',
      `label=claude-code-orchestrator.run=${run.id}`,
    )
    return (
      await docker('inspect', '--format', '{{.Name}} {{.State.StartedAt}}', ...ids.split('\n'))
    )
      .split('\n')
      .toSorted()
  }

  /**
   * Opens the gate, waits for the end of the run and judges it by what the origin got. Returns the
   * problems.
   */
  async finish(
    tries: number,
    stop: () => Promise<unknown> = () => this.server.stop(),
  ): Promise<readonly string[]> {
    this.gate.open()
    const done = await this.server.statusWhen('done', ({ run }) => run.phase === 'done')
    await this.journal.next(
      'everything is stopped',
      0,
      ({ event }) => event.type === 'everything-stopped',
    )
    await stop()
    const tasks = this.sample.script.tasks.map(({ id }) => ({ id, tries }))
    const { findings } = await verify(this.setup, { status: done, reported: [], tasks })
    const all = [...findings, ...(await findLeftovers(this.setup, 'docker', done))]
    return all.flatMap(({ promise, problem }) =>
      problem === null ? [] : [`${promise}: ${problem}`],
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.stdout.write(`${describeProbe(await probeMachine('docker'))}\n`)
    await this.server[Symbol.asyncDispose]()
    await this.journal[Symbol.asyncDispose]()
    await this.model[Symbol.asyncDispose]()
    await this.setup[Symbol.asyncDispose]()
  }
}
