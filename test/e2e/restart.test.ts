import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { answerAs } from '../../src/rehearsal/players/answer-as.ts'
import { withBarrier } from '../../src/rehearsal/players/barrier.ts'
import { triesOf } from '../../src/rehearsal/players/script.ts'
import { startModel } from '../../src/rehearsal/model/server.ts'
import { findLeftovers } from '../../src/rehearsal/runner/leftovers.ts'
import { modelHost } from '../../src/rehearsal/runner/model-host.ts'
import { createSetup } from '../../src/rehearsal/runner/setup.ts'
import type { Status } from '../../src/rehearsal/runner/status.ts'
import { verify } from '../../src/rehearsal/runner/verify.ts'
import { makeSample } from '../../src/rehearsal/scenarios/sample.ts'
import { scenarios } from '../../src/rehearsal/scenarios/scenarios.ts'
import { LiveServer } from '../support/live-server.ts'

const mergedIn = (status: Status): number =>
  status.tasks.filter(({ phase }) => phase === 'merged').length

const ask = (command: string, ...args: string[]): string[] =>
  execFileSync(command, args, { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line !== '')

const containersOf = (run: string): string[] =>
  ask('docker', 'ps', '--quiet', '--filter', `label=claude-code-orchestrator.run=${run}`)

const startTimesOf = (containers: readonly string[]): string[] =>
  ask('docker', 'inspect', '--format', '{{.Name}} {{.State.StartedAt}}', ...containers).toSorted()

describe('a run on its own configuration', () => {
  it('outlives its terminals and its server, and ends with every task merged once', async () => {
    const { seed, script } = makeSample(scenarios.plain, 9, 3)
    await using model = await startModel({
      host: await modelHost('docker'),
      act: withBarrier(script, (request) => answerAs(script, request)),
    })
    await using setup = await createSetup({
      seed,
      workers: 3,
      runtime: 'docker',
      context: 'fresh',
      checks: [],
      modelUrl: model.url,
    })
    await using server = new LiveServer(setup)
    server.start()
    const begun = await server.statusWhen('merged anything', (status) => mergedIn(status) >= 1)
    const { socket } = begun.terminals
    const started = startTimesOf(containersOf(begun.run.id))
    expect(started).toHaveLength(4)
    expect(ask('tmux', '-L', socket, 'capture-pane', '-p', '-t', '=worker-1:').join('\n')).toMatch(
      /Claude Code|❯/,
    )

    const second = server.spawn(0)
    const [refusal] = (await once(second, 'exit')) as [number]
    expect(refusal).toBe(1)
    expect(readFileSync(setup.serverLog, 'utf8')).toContain(`pid ${server.pid} at ${server.url}`)

    execFileSync('tmux', ['-L', socket, 'kill-server'])
    await server.statusWhen('got its terminals back', () => {
      try {
        return ask('tmux', '-L', socket, 'list-sessions', '-f', '#{@command}').length === 4
      } catch {
        return false
      }
    })
    expect(startTimesOf(containersOf(begun.run.id))).toEqual(started)

    expect(await server.stop()).toBe(0)
    expect(startTimesOf(containersOf(begun.run.id))).toEqual(started)

    server.start('--stop-instances')
    const done = await server.statusWhen('done', ({ run }) => run.phase === 'done')
    const log = readFileSync(setup.serverLog, 'utf8')
    expect(
      done.instances.map(({ launch }) => launch),
      log,
    ).toEqual([1, 1, 1, 1])
    expect(await server.stop()).toBe(0)

    // Who of a colliding pair comes second, and has to merge, may change while the server is away.
    const tasks = script.tasks.map((task) => ({ id: task.id, tries: triesOf(task) + 1 }))
    const { findings } = await verify(setup, { status: done, reported: [], tasks })
    const leftovers = await findLeftovers(setup, 'docker', done)
    expect(
      [...findings, ...leftovers].flatMap(({ promise, problem }) =>
        problem === null ? [] : [`${promise}: ${problem}`],
      ),
    ).toEqual([])
  })
})
