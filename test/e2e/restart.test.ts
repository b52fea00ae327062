import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { play } from '../../src/rehearsal/cast/cast.ts'
import { withRendezvous } from '../../src/rehearsal/cast/rendezvous.ts'
import { triesOf } from '../../src/rehearsal/cast/script.ts'
import { startModel } from '../../src/rehearsal/model/server.ts'
import { findLeftovers } from '../../src/rehearsal/run/leftovers.ts'
import { modelHost } from '../../src/rehearsal/run/model-host.ts'
import { setStage, type Stage } from '../../src/rehearsal/run/stage.ts'
import { fetchStatus, type Status } from '../../src/rehearsal/run/status.ts'
import { verify } from '../../src/rehearsal/run/verify.ts'
import { makeSample } from '../../src/rehearsal/scenarios/sample.ts'
import { scenarios } from '../../src/rehearsal/scenarios/scenarios.ts'

const project = join(import.meta.dirname, '../..')
const running: ChildProcess[] = []

afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
})

function startServer(stage: Stage, port: number, ...more: string[]): ChildProcess {
  const argv = [join(project, 'server.js'), '--config', stage.config, '--state', stage.state, '--port', String(port), ...more]
  const log = openSync(stage.serverLog, 'a')
  const child = spawn(process.execPath, argv, { env: { PATH: process.env['PATH'], HOME: stage.root }, stdio: ['ignore', log, log] })
  running.push(child)
  return child
}

async function stopServer(child: ChildProcess): Promise<number | null> {
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  const [code] = (await exit) as [number | null]
  return code
}

/** Asks once a second, as any client may; fails with what the server last said. */
async function statusWhen(url: string, what: string, isSo: (status: Status) => boolean): Promise<Status> {
  let last: Status | null = null
  for (let left = 120; left > 0; left -= 1) {
    last = await fetchStatus(url)
    if (last && isSo(last)) return last
    await delay(1_000)
  }
  throw new Error(`never ${what}: ${JSON.stringify(last, null, 1)}`)
}

const mergedIn = (status: Status): number => status.tasks.filter(({ phase }) => phase === 'merged').length

const ask = (command: string, ...args: string[]): string[] =>
  execFileSync(command, args, { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line !== '')

const containersOf = (run: string): string[] => ask('docker', 'ps', '--quiet', '--filter', `label=claude-code-orchestrator.run=${run}`)

const startTimesOf = (containers: readonly string[]): string[] =>
  ask('docker', 'inspect', '--format', '{{.Name}} {{.State.StartedAt}}', ...containers).toSorted()

describe('a run on its own configuration', () => {
  it('outlives its terminals and its server, and ends with every task merged once', async () => {
    const { seed, script } = makeSample(scenarios.plain, 9, 3)
    await using model = await startModel({
      host: await modelHost('docker'),
      act: withRendezvous(script, (request) => play(script, request)),
    })
    await using stage = await setStage({ seed, workers: 3, runtime: 'docker', context: 'fresh', checks: [], modelUrl: model.url })
    const port = 17_700 + Math.floor(Math.random() * 1_000)
    const url = `http://127.0.0.1:${port}`

    const first = startServer(stage, port)
    const begun = await statusWhen(url, 'merged anything', (status) => mergedIn(status) >= 1)
    const { socket } = begun.terminals
    const started = startTimesOf(containersOf(begun.run.id))
    expect(started).toHaveLength(4)
    expect(ask('tmux', '-L', socket, 'capture-pane', '-p', '-t', '=worker-1:').join('\n')).toMatch(/Claude Code|❯/)

    const second = startServer(stage, port + 1)
    const [refusal] = (await once(second, 'exit')) as [number]
    expect(refusal).toBe(1)
    expect(readFileSync(stage.serverLog, 'utf8')).toContain(`pid ${first.pid} at ${url}`)

    execFileSync('tmux', ['-L', socket, 'kill-server'])
    await statusWhen(url, 'got its terminals back', () => {
      try {
        return ask('tmux', '-L', socket, 'list-sessions', '-F', '#{session_name}').length === 4
      } catch {
        return false
      }
    })
    expect(startTimesOf(containersOf(begun.run.id))).toEqual(started)

    expect(await stopServer(first)).toBe(0)
    expect(startTimesOf(containersOf(begun.run.id))).toEqual(started)

    const third = startServer(stage, port, '--stop-instances')
    const done = await statusWhen(url, 'done', ({ run }) => run.phase === 'done')
    expect(done.instances.map(({ launch }) => launch)).toEqual([1, 1, 1, 1])
    expect(await stopServer(third)).toBe(0)

    // Who of a colliding pair comes second, and has to merge, may change while the server is away.
    const tasks = script.tasks.map((task) => ({ id: task.id, tries: triesOf(task) + 1 }))
    const { findings } = await verify(stage, { status: done, reported: [], tasks })
    const leftovers = await findLeftovers(stage, 'docker', done)
    expect([...findings, ...leftovers].flatMap(({ promise, problem }) => (problem === null ? [] : [`${promise}: ${problem}`]))).toEqual([])
  })
})
