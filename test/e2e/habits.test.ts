import { describe, expect, it } from 'vitest'
import { answerAs } from '../../src/rehearsal/players/answer-as.ts'
import { withBarrier } from '../../src/rehearsal/players/barrier.ts'
import { triesOf } from '../../src/rehearsal/players/script.ts'
import { startModel } from '../../src/rehearsal/model/server.ts'
import { findLeftovers } from '../../src/rehearsal/runner/leftovers.ts'
import { modelHost } from '../../src/rehearsal/runner/model-host.ts'
import { createSetup } from '../../src/rehearsal/runner/setup.ts'
import { verify } from '../../src/rehearsal/runner/verify.ts'
import { makeSample } from '../../src/rehearsal/scenarios/sample.ts'
import { Journal } from '../support/journal.ts'
import type { JournalLine } from '../support/journal-copy.ts'
import { LiveServer } from '../support/live-server.ts'

/** What the scenarios conflict, blocked, no-report, uncommitted and failed-checks have, in one. */
const everyHabit = {
  summary: 'workers collide, ask, forget to report or to commit, and break the checks',
  quirks: {
    1: 'collides',
    3: 'asks',
    4: 'forgets-report',
    5: 'forgets-commit',
    6: 'breaks-checks',
    7: 'collides',
  },
  checks: ['node --test'],
} as const

const isTaken = ({ ignored }: JournalLine): boolean => (ignored ?? null) === null
const isStopped = ({ event }: JournalLine): boolean => event.type === 'everything-stopped'

describe('a run whose workers do what real workers do', () => {
  it('ends with every task merged', async () => {
    const { seed, script } = makeSample(everyHabit, 9, 2)
    const said = new Set<string>()
    const act = withBarrier(script, (request) => answerAs(script, request))
    await using model = await startModel({
      host: await modelHost('docker'),
      act: (request, signal) => {
        for (const line of JSON.stringify(request.messages).split(/\\n|"/)) said.add(line)
        return act(request, signal)
      },
    })
    await using setup = await createSetup({
      seed,
      workers: 2,
      runtime: 'docker',
      context: 'fresh',
      checks: everyHabit.checks,
      modelUrl: model.url,
    })
    await using journal = new Journal(setup.state)
    await using server = new LiveServer(setup)
    server.start('--stop-instances')
    const done = await server.statusWhen('done', ({ run }) => run.phase === 'done')
    await journal.next('everything is stopped', 0, isStopped)
    expect(await server.stop()).toBe(0)

    // Every habit had its effect.
    const events = new Set(journal.since(0, isTaken).map(({ event }) => event.type))
    for (const type of ['merge-conflicted', 'task-blocked', 'task-answered', 'merge-rejected'])
      expect(events).toContain(type)
    const texts = [...said].join('\n')
    expect(texts).toMatch(
      /^\[orchestrator p\d+\] Reminder 1: you stopped without a report on task /m,
    )
    expect(texts).toMatch(/^Commit these changes, or remove or ignore the files: /m)

    expect(model.requests.flatMap(({ complaint }) => complaint ?? [])).toEqual([])
    const tasks = script.tasks.map((task) => ({ id: task.id, tries: triesOf(task) }))
    const { findings } = await verify(setup, { status: done, reported: [], tasks })
    const leftovers = await findLeftovers(setup, 'docker', done)
    expect(
      [...findings, ...leftovers].flatMap(({ promise, problem }) =>
        problem === null ? [] : [`${promise}: ${problem}`],
      ),
    ).toEqual([])
  })
})
