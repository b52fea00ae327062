import { appendFile, readdir, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JournalLine } from '../../support/journal-copy.ts'
import { FaultRun, report } from '../../support/fault-run.ts'
import { Gate } from '../../support/gate.ts'
import { runSteps, type Steps, stepsTimeoutMs } from '../../support/steps.ts'

let run: FaultRun
beforeAll(async () => {
  run = await FaultRun.open({ workers: 3, tasks: 4, gate: new Gate('before-commit') })
  run.server.start('--stop-instances')
})
afterAll(() => run[Symbol.asyncDispose]())

const damages: readonly (readonly [string, (file: string) => Promise<void>])[] = [
  ['cut short by 20 bytes', async (file) => truncate(file, (await stat(file)).size - 20)],
  ['empty', (file) => truncate(file, 0)],
  ['with garbage at its end', (file) => appendFile(file, '\u0000\ufffd{"type":"user","mess')],
]

/** More than a turn needs up to the gate; a loop would make as many in a second. */
const fewRequests = 20

const isBriefed =
  (instance: string) =>
  ({ event }: JournalLine): boolean =>
    event.type === 'brief-fetched' && event.instance === instance

/**
 * Damages the worker's conversation, kills its container and returns how the next launch went on.
 */
async function damage(instance: string, change: (file: string) => Promise<void>) {
  const task = await run.taskOf(instance)
  const { instances } = await run.status()
  const secret = (instances.find(({ id }) => id === instance)?.credential ?? '').replace(
    'key',
    'rehearsal',
  )
  const directory = join(run.setup.state, 'instances', instance, 'home/.claude/projects/-workspace')
  for (const name of await readdir(directory))
    if (name.endsWith('.jsonl')) await change(join(directory, name))
  const mark = run.journal.last
  const killedAt = await run.killContainer(instance)
  const back = await run.journal.next(`${instance} goes on`, mark, isBriefed(instance))
  await run.atWork(3)
  const launches = run.journal.since(
    mark,
    ({ event }) => event.type === 'instance-started' && event.instance === instance,
  ).length
  const session = run.journal
    .since(mark, ({ event }) => event.type === 'session-started' && event.instance === instance)
    .at(-1)
  return {
    source: String(session?.event['source']),
    launches,
    requests: run.model.requests.filter(
      ({ credential, at }) => credential === secret && at > killedAt,
    ).length,
    backMs: back.event.at - killedAt,
    hasSameTask: (await run.taskOf(instance)) === task,
  }
}

const steps: Steps = {
  'goes on with the same task, in the same conversation or a new one': async () => {
    await run.atWork(3)
    const seen = await Promise.all(
      damages.map(async ([name, change], index) => ({
        name,
        ...(await damage(`worker-${index + 1}`, change)),
      })),
    )
    const lines = seen.map(
      ({ name, source, launches, requests, backMs }) =>
        `${name}: session ${source}, ${launches} launch, ${requests} requests, at its task again after ${backMs} ms`,
    )
    report(
      'transcript-cut',
      lines.join('; '),
      'the same task in a fresh or continued session, never a blank loop (≤ 2 launches)',
      seen.every(
        ({ launches, requests, hasSameTask }) =>
          launches <= 2 && requests <= fewRequests && hasSameTask,
      ),
    )
  },

  'merges every task once': async () => {
    expect(await run.finish(4)).toEqual([])
  },
}

describe('a worker whose transcript is damaged', () => {
  it('finds back to its task', { timeout: stepsTimeoutMs }, () => runSteps(steps))
})
