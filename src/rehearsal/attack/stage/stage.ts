import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type StatusView, statusView } from '../../../http/contract/status.ts'
import { type Model, startModel } from '../../model/server.ts'
import { answerAs } from '../../players/answer-as.ts'
import { readConversation } from '../../players/conversation.ts'
import { modelHost } from '../../runner/model-host.ts'
import { type Server, startServer } from '../../runner/server.ts'
import { createSetup, type Setup, targetBranch } from '../../runner/setup.ts'
import { git } from '../../sample/repository.ts'
import { HeldWorkers } from './held-workers.ts'
import { type FakeRegistry, startRegistry } from './registry.ts'
import { Inside } from './inside.ts'
import { script, seed } from './project.ts'
import { writeLogins } from './logins.ts'
import { type World, type WorldName, worlds } from './worlds.ts'

const names = ['worker-1', 'worker-2'] as const
/** Only ends a hang. */
const patienceMs = 300_000
const lookEveryMs = 200
/** The Manager alone has it. */
const stateTool = 'mcp__orchestrator__state'

interface Parts {
  readonly setup: Setup
  readonly model: Model
  readonly server: Server
  readonly held: HeldWorkers
  readonly registry: FakeRegistry
  readonly readByManager: ReadonlySet<string>
  /** Where the server's code is: this project, or a copy without one of its defences. */
  readonly project: string
  readonly signal: AbortSignal
  /** No model answers the workers. */
  readonly isIdle: boolean
  readonly closing: AsyncDisposableStack
}

/** A running server whose workers are in the middle of their tasks. */
export class Stage implements AsyncDisposable {
  readonly setup: Setup
  readonly model: Model
  /** The registry of npm that the server is set to. */
  readonly registry: FakeRegistry
  readonly project: string
  /** Of the operator's surface. */
  readonly url: string
  /** The operator's. */
  readonly token: string
  readonly attacker: Inside
  readonly victim: Inside
  readonly manager: Inside
  /** Figures of the attack, which are printed with its verdict. */
  readonly notes: string[] = []
  /** What the tool `state` answered the Manager's model. */
  readonly readByManager: ReadonlySet<string>
  readonly #parts: Parts

  static async open(world: WorldName, project: string, signal: AbortSignal): Promise<Stage> {
    await using opened = new AsyncDisposableStack()
    const chosen: World = worlds[world]
    const held = new HeldWorkers()
    const readByManager = new Set<string>()
    const act = held.through(async (request) => {
      for (const { tool, result } of readConversation(request).exchanges)
        if (tool === stateTool) readByManager.add(result?.text ?? '')
      return answerAs(script, request)
    })
    const model = opened.use(await startModel({ host: await modelHost('docker'), act }))
    const registry = opened.use(await startRegistry())
    const setup = opened.use(
      await createSetup({
        seed,
        workers: names.length,
        runtime: 'docker',
        context: 'fresh',
        checks: [],
        modelUrl: model.url,
        credentials: chosen.credentials,
        settings: { ...chosen.settings, npmRegistry: registry.url },
      }),
    )
    if (chosen.hasLogins) await writeLogins(setup, names)
    const server = await startServer(setup, signal, project)
    opened.defer(async () => void (await server.stop()))
    const { run } = await statusOf(server, signal)
    const closing = opened.move()
    const isIdle = chosen.hasLogins === true
    const around = { held, registry, readByManager, project, signal, isIdle, closing }
    return new Stage({ setup, model, server, ...around }, run.id)
  }

  private constructor(parts: Parts, run: string) {
    const { setup, model, registry, project, server } = parts
    this.#parts = parts
    this.setup = setup
    this.model = model
    this.registry = registry
    this.project = project
    this.readByManager = parts.readByManager
    this.url = server.url
    this.token = server.token
    const inside = (instance: string) => new Inside(instance, `orchestrator-${run}-${instance}`)
    this.attacker = inside(names[0])
    this.victim = inside(names[1])
    this.manager = inside('manager')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#parts.closing.disposeAsync()
  }

  status(): Promise<StatusView> {
    return statusOf(this.#parts.server, this.#parts.signal)
  }

  /** What an operator's request is answered. */
  async request(path: string, body?: object): Promise<Response> {
    return fetch(new URL(path, this.url), {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: this.#parts.signal,
    })
  }

  /** Waits until both workers hold a task and have read its brief. */
  async atWork(): Promise<void> {
    if (this.#parts.isIdle) return
    await this.until('both workers are at work', async () => {
      const { tasks, instances } = await this.status()
      const isHeld = instances
        .filter(({ id }) => id !== this.manager.instance)
        .map(({ task, phase }) => {
          const isAtWork = tasks.some(({ id, phase: its }) => id === task && its === 'working')
          return phase === 'working' && isAtWork && this.#parts.held.isHeld(task ?? '')
        })
      // What was reported is no longer worked on: its worker ends the turn and gets the next task.
      for (const { id, phase } of tasks) if (phase !== 'working') this.#parts.held.release(id)
      return isHeld.length === names.length && isHeld.every(Boolean) ? true : null
    })
  }

  /** The task that a worker holds. */
  async taskOf({ instance }: Inside): Promise<string> {
    const { instances } = await this.status()
    const task = instances.find(({ id }) => id === instance)?.task ?? null
    if (task === null) throw new Error(`${instance} holds no task`)
    return task
  }

  /** Writes and commits on the branch of the worker's task; the script runs in the workspace. */
  async commit(worker: Inside, work: string): Promise<void> {
    await worker.output(`cd "$ORCHESTRATOR_WORKSPACE" && ${work}`)
  }

  /** Reports the worker's task, and returns what the server answered. */
  async report(worker: Inside, summary: string): Promise<string> {
    return worker.tool('report_done', { summary })
  }

  /**
   * Waits until nothing happens to the task by itself any more, and returns its phase, or that of
   * its merge: `merged`, `blocked`, `held` …
   */
  async settled(task: string): Promise<string> {
    return this.until(`${task} is settled`, async () => {
      const { tasks, merges } = await this.status()
      const phase = tasks.find(({ id }) => id === task)?.phase ?? ''
      if (/^(?:merged|blocked|done)$/.test(phase)) return phase
      const isHeld = merges.some((merge) => merge.task === task && merge.phase === 'held')
      return isHeld ? 'held' : null
    })
  }

  /** Git in the hub, with the rights of the server. */
  hub(...words: readonly string[]): Promise<string> {
    return git(join(this.setup.state, 'hub.git'), ...words)
  }

  /** The paths on the target branch of the hub. */
  async targetPaths(): Promise<readonly string[]> {
    return (await this.hub('ls-tree', '-r', '--name-only', targetBranch)).split('\n')
  }

  /** Looks until there is something; throws when that takes five minutes. */
  readonly until = async <Found>(
    what: string,
    look: () => Promise<Found | null>,
  ): Promise<Found> => {
    const deadline = Date.now() + patienceMs
    for (;;) {
      const found = await look()
      if (found !== null) return found
      if (Date.now() > deadline) throw new Error(`it takes too long until ${what}`)
      await delay(lookEveryMs, undefined, { signal: this.#parts.signal })
    }
  }
}

async function statusOf({ url, token }: Server, signal: AbortSignal): Promise<StatusView> {
  const headers = { authorization: `Bearer ${token}` }
  const response = await fetch(new URL('/status', url), { headers, signal })
  return statusView.parse(await response.json())
}
