import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { startModel } from '../../../src/rehearsal/model/server.ts'
import { poolOf } from '../../../src/rehearsal/runner/credentials.ts'
import { modelHost } from '../../../src/rehearsal/runner/model-host.ts'
import { createOrigin } from '../../../src/rehearsal/sample/repository.ts'
import type { Sample } from '../../../src/rehearsal/scenarios/sample.ts'
import { countExecutions } from './execution-counter.ts'
import { environmentOf } from './pool-environment.ts'
import { measureProcessors } from './processor-meter.ts'
import { defaults, type RawInstance, removeTeam, startRaw } from './raw-instance.ts'
import { rawLaunch } from './raw-launch.ts'
import { answerRaw } from './raw-script.ts'

/** What a team without the orchestrator used until now. */
export interface RawUse {
  /** Seconds of processors: containers and the engine's work for them. */
  readonly processorSeconds: number
  /** Programs; null where the kernel cannot be asked. */
  readonly executions: number | null
}

interface StartOrder {
  /** Where its hooks go; null for none. */
  readonly urlOf: ((event: string) => string) | null
  /** What runs in its workspace, with Claude Code's arguments as `$@`. */
  readonly script: string
}

/** A repository, the scripted model and meters for Claude Code without the orchestrator. */
export async function openRawStage({ seed, script }: Sample, workers: number) {
  await using opened = new AsyncDisposableStack()
  const host = await modelHost('docker')
  const model = opened.use(
    await startModel({ host, act: (asked) => answerRaw(script.tasks, asked) }),
  )
  const root = await mkdtemp(join(tmpdir(), 'bench-raw-'))
  opened.defer(() => rm(root, { recursive: true, force: true, maxRetries: 5 }))
  const hub = join(root, 'origin.git')
  const team = basename(root)
  await createOrigin(hub, 'main', seed)
  const counter = await countExecutions()
  if (counter !== null) opened.use(counter)
  const processors = opened.use(await measureProcessors(root))
  opened.defer(() => removeTeam(team))
  const pool = new Map(
    poolOf(workers, 'auth-token', model.url).map(({ id, text }) => [id, environmentOf(text)]),
  )
  const closing = opened.move()
  return {
    host,
    names: [...pool.keys()],
    /** Where the home of an instance is on this machine. */
    homeOf: (name: string) => join(root, name, 'home'),
    /** The tasks are dealt out before, as a person would. */
    tasksOf: (name: string) =>
      script.tasks.filter((_, number) => number % workers === [...pool.keys()].indexOf(name)),

    async start(name: string, { urlOf, script: words }: StartOrder): Promise<RawInstance> {
      const credential = pool.get(name) ?? {}
      const launch = rawLaunch({ model: defaults.model, credential, urlOf })
      const directory = join(root, name)
      return await startRaw({ team, name, hub, directory, credential, launch, script: words })
    },

    /** Throws when the script came to a step that failed for good. */
    async used(): Promise<RawUse> {
      const [complaint] = model.requests.flatMap((request) => request.complaint ?? [])
      if (complaint !== undefined) throw new Error(`Claude Code without us failed: ${complaint}`)
      const executions = (await counter?.count()) ?? null
      const { containers, server, engine } = processors.read()
      const inside = [...containers.values()].reduce((sum, each) => sum + each, 0)
      return { processorSeconds: inside + server + engine, executions }
    },

    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  }
}
