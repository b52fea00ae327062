import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ScriptedFile } from '../players/script.ts'
import { createOrigin } from '../sample/repository.ts'
import type { CredentialShape } from '../scenarios/limit-scenarios.ts'
import type { ContextKind, RuntimeKind } from './arguments.ts'
import { poolOf } from './credentials.ts'
import { EngineProxy } from './engine-proxy.ts'
import type { Screen } from './screen.ts'

export interface Setup extends AsyncDisposable {
  readonly root: string
  /** The bare repository that the server is pointed at. */
  readonly origin: string
  readonly config: string
  readonly state: string
  readonly serverLog: string
  /** Between the server and the Docker engine, if the order asks for it. */
  readonly engine: EngineProxy | null
  readonly isKept: boolean
  /** From now on the directory stays. */
  keep(): void
}

export interface SetupOptions {
  readonly seed: readonly ScriptedFile[]
  readonly workers: number
  readonly runtime: RuntimeKind
  readonly context: ContextKind
  readonly checks: readonly string[]
  readonly modelUrl: string
  /** Not given: an auth token for each instance. */
  readonly credentials?: { readonly shape: CredentialShape; readonly spare: number }
  /** The server reaches the Docker engine through a proxy. */
  readonly proxiesEngine?: boolean
  /** More of `orchestrator.json`. */
  readonly settings?: Readonly<Record<string, unknown>>
}

export const targetBranch = 'main'

const usualCredentials = { shape: 'auth-token', spare: 0 } as const

/** Everything that an operator would have set up: a repository, a configuration, credentials. */
export async function createSetup(order: SetupOptions): Promise<Setup> {
  const {
    seed,
    workers,
    runtime,
    context,
    checks,
    modelUrl,
    proxiesEngine = false,
    settings: more,
    credentials: { shape, spare } = usualCredentials,
  } = order
  const root = await mkdtemp(join(tmpdir(), 'rehearsal-'))
  const origin = join(root, 'origin.git')
  const config = join(root, 'config')
  const credentials = join(config, 'credentials')
  let isKept = false

  await createOrigin(origin, targetBranch, seed)
  await mkdir(credentials, { recursive: true })
  const settings = {
    repositoryUrl: origin,
    branch: targetBranch,
    workerCount: workers,
    claudeConfigs: 'credentials/*.json',
    port: 0,
    runtime,
    context,
    checks: { commands: checks },
    // Rotations in file mode are the harder ones; some scenarios choose the gateway.
    credentials: 'file',
    ...more,
  }
  await writeFile(join(config, 'orchestrator.json'), `${JSON.stringify(settings, null, 2)}\n`)
  for (const { id, text } of poolOf(workers + 1 + spare, shape, modelUrl)) {
    await writeFile(join(credentials, `${id}.json`), text, { mode: 0o600 })
  }

  const engine = proxiesEngine ? new EngineProxy(join(root, 'engine.sock')) : null
  await engine?.mend()

  return {
    root,
    origin,
    config,
    state: join(root, 'state'),
    serverLog: join(root, 'server.log'),
    engine,
    get isKept() {
      return isKept
    },
    keep: () => {
      isKept = true
    },
    [Symbol.asyncDispose]: async () => {
      await engine?.cut()
      // A container that is just going may still write to its home.
      if (!isKept) await rm(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    },
  }
}

/** Keeps the directory of a run that failed, and prints where it is. */
export async function keepIfItFails<Outcome extends { readonly ok: boolean }>(
  setup: Setup,
  screen: Screen,
  signal: AbortSignal,
  work: () => Promise<Outcome>,
): Promise<Outcome> {
  try {
    const outcome = await work()
    if (!outcome.ok) setup.keep()
    return outcome
  } catch (error) {
    if (!signal.aborted) setup.keep()
    throw error
  } finally {
    if (setup.isKept)
      screen.print(`Everything is kept in ${setup.root}; the server's log is ${setup.serverLog}.`)
  }
}
