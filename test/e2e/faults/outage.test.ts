import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { JournalLine } from '../../support/journal-copy.ts'
import { FaultRun, report, until } from '../../support/fault-run.ts'
import { Gate } from '../../support/gate.ts'
import { runSteps, type Steps, stepsTimeoutMs } from '../../support/steps.ts'

/**
 * Claude Code gives an HTTP connection to tools up a quarter of a minute after three calls that met
 * no server.
 */
const awayMs = { 'before-plan': 30_000, 'before-commit': 45_000 } as const

const promptOf = z.object({
  type: z.literal('send-prompt'),
  prompt: z.object({ id: z.string(), purpose: z.string() }),
})

let run: FaultRun
beforeAll(async () => {
  run = await FaultRun.open({
    workers: 2,
    tasks: 4,
    gate: new Gate('before-plan', 'before-commit'),
  })
  run.server.start('--stop-instances')
})
afterAll(() => run[Symbol.asyncDispose]())

/**
 * Kills the server, opens the gate, and starts another server after a while. Returns when each call
 * arrived.
 */
async function outage(
  place: keyof typeof awayMs,
  stillShut: 'before-commit' | null,
  called: (line: JournalLine) => boolean,
  calls: number,
) {
  const mark = run.journal.last
  await run.server.kill()
  if (stillShut === null) run.gate.open()
  else run.gate.shut(stillShut)
  await delay(awayMs[place])
  run.server.start('--stop-instances')
  const started = await run.journal.next(
    'the server is back',
    mark,
    ({ event }) => event.type === 'server-started',
  )
  const found = await until('the calls arrive', async () => {
    const lines = run.journal.since(started.sequence, called)
    return lines.length >= calls ? lines : null
  })
  return found.slice(0, calls).map(({ event }) => event.at - started.event.at)
}

const countOf = (type: string): number =>
  run.journal.since(0, ({ event, ignored }) => event.type === type && (ignored ?? null) === null)
    .length
const submissions = (): number => countOf('plan-submitted')
const reports = (): number => countOf('task-reported')

const expected = 'each call waits and arrives once'

const steps: Steps = {
  'gets the plan that its Manager submitted meanwhile': async () => {
    await until(
      'the plan is made',
      async () => (run.gate.waiting.includes('') ? true : null),
      120_000,
    )
    const [took = Number.NaN] = await outage(
      'before-plan',
      'before-commit',
      ({ event }) => event.type === 'plan-submitted',
      1,
    )
    report(
      'server-kill-and-wait',
      `away for ${awayMs['before-plan']} ms: plan after ${took} ms`,
      expected,
      submissions() === 1,
    )
  },

  'gets the reports that its workers made meanwhile': async () => {
    await run.atWork(2)
    const took = await outage(
      'before-commit',
      null,
      ({ event }) => event.type === 'task-reported',
      2,
    )
    report(
      'server-kill-and-wait',
      `away for ${awayMs['before-commit']} ms: reports after ${took.join(' and ')} ms`,
      expected,
      took.length === 2 && reports() === 2,
    )
  },

  'blocks nothing, restarts nothing and tries nothing twice for it': async () => {
    expect(await run.finish(1)).toEqual([])
    expect(run.journal.since(0, ({ event }) => event.type === 'task-blocked')).toEqual([])
    // A server that is killed while an instance starts asks for the same launch again.
    const starts = run.journal.since(0, ({ event }) => event.type === 'instance-started')
    expect(new Set(starts.map(({ event }) => `${event.instance} ${event.launch}`)).size).toBe(3)
    // The same prompt may be sent again: whether it had arrived was not written yet when the server
    // was killed.
    const prompts = run.journal.lines.flatMap(({ commands }) =>
      commands.flatMap((command) => promptOf.safeParse(command).data?.prompt ?? []),
    )
    expect(prompts.map(({ purpose }) => purpose)).not.toContain('reminder')
    expect(new Set(prompts.flatMap(({ id, purpose }) => (purpose === 'plan' ? [id] : [])))).toEqual(
      new Set(['p1']),
    )
  },
}

describe('a server that is away for long', () => {
  it('gets every call that was made meanwhile', { timeout: stepsTimeoutMs }, () => runSteps(steps))
})
