import type { Logger } from 'pino'
import { openVault } from '../adapters/credentials/vault.ts'
import { createGitRepository } from '../adapters/git/repository.ts'
import { createLog } from '../adapters/log/log.ts'
import { parseTaskList } from '../adapters/markdown/task-list.ts'
import { openStore } from '../adapters/sqlite/store.ts'
import { systemClock } from '../adapters/system/clock.ts'
import {
  nameOwner,
  ownerOf,
  type StateDirectory,
  writeWhole,
} from '../adapters/system/state-directory.ts'
import { createTmuxTerminals } from '../adapters/tmux/terminals.ts'
import type { Configuration } from '../config/configuration.ts'
import { LineId, RepositoryId } from '../core/model/ids.ts'
import { initialState } from '../core/model/initial-state.ts'
import { listen, portOf } from '../http/listen.ts'
import { instanceSurface, operatorSurface } from '../http/server.ts'
import type { Damaged } from '../ports/store-damaged.ts'
import { describeProblems } from '../lib/problem.ts'
import { createRedact } from '../lib/redact.ts'
import { reasonOf } from '../lib/reason.ts'
import { createRuntime } from './runtimes.ts'
import { createEngine } from '../engine/engine.ts'
import { surfaceDeps } from './surface-deps.ts'

export interface Orchestrator {
  readonly log: Logger
  readonly url: string
  /** Settles when the database shows damage; the server must stop then. */
  readonly damaged: Promise<Damaged>
  close(how: { readonly stopInstances: boolean }): Promise<void>
}

/** Returns the port that the server uses in place of the given one. Production passes none. */
export type Decorate = <Port extends object>(
  name: 'store' | 'repository' | 'terminals' | 'instances',
  port: Port,
) => Port

export interface StartOptions {
  readonly decorate?: Decorate
}

/** The credential files do not allow a start; the message names each and its remedy. */
export class UnusableCredentials extends Error {}

/** Opens everything, what finds mistakes soonest first; then starts or continues the run. */
export async function startOrchestrator(
  configuration: Configuration,
  directory: StateDirectory,
  { decorate = (_, port) => port }: StartOptions = {},
): Promise<Orchestrator> {
  await using opened = new AsyncDisposableStack()
  const { promise: damaged, resolve: onDamaged } = Promise.withResolvers<Damaged>()
  const store = decorate(
    'store',
    opened.use(openStore(directory.database, { onDamaged, owner: () => ownerOf(directory.path) })),
  )
  const { vault, problems } = await openVault(
    configuration.credentialGlob,
    configuration.policy.credentials,
  )
  if (problems.length > 0) throw new UnusableCredentials(describeProblems(problems))
  const redact = createRedact(() => vault.secrets())
  const log = createLog({ level: configuration.logLevel, redact, file: directory.serverLog })
  const hub = createGitRepository({
    path: directory.hub,
    origin: configuration.repositoryUrl,
    target: configuration.branch,
    publish: configuration.publish,
    identity: { name: 'Claude Code Orchestrator', email: 'orchestrator@localhost' },
    maxIntakeBytes: 1024 ** 3,
    maxIntakeSeconds: 300,
    environment: process.env,
  })
  const repository = decorate('repository', hub)
  const windows = createTmuxTerminals({
    socket: `orchestrator-${directory.run}`,
    logDirectory: directory.logs,
  })
  const terminals = decorate('terminals', windows)
  await terminals.ensureUsable()
  const { head } = await repository.ensureReady()
  const lines = [
    {
      id: LineId('main'),
      repository: RepositoryId('main'),
      branch: configuration.branch,
      head,
    },
  ]

  let instancesUrl = ''
  const created = createRuntime(configuration, directory, () => instancesUrl)
  const runtime = { ...created, instances: decorate('instances', created.instances) }
  let isServing = false
  opened.defer(async () => {
    if (!directory.isNew || isServing) return
    // The failed start is the error to report, even if cleaning up fails too.
    await runtime.instances.ensureAllStopped().catch(() => undefined)
  })

  const engine = createEngine(
    {
      clock: systemClock,
      store,
      repositoryOf: (line) => {
        if (lines.some(({ id }) => id === line)) return repository
        throw new Error(`the configuration has no line ${line}`)
      },
      ...runtime,
      terminals,
      vault,
      log,
      parseTaskList,
      writeReport: async (report) => writeWhole(directory.report, `${report.trimEnd()}\n`),
    },
    {
      initial: initialState(directory.run, configuration.policy, lines, systemClock.now()),
      checks: configuration.checks,
      secret: directory.secret,
      gatewayUrl: () => `${instancesUrl}/gateway`,
      redact,
      onProblem: (what, error) => log.warn({ reason: reasonOf(error) }, what),
    },
  )
  let url = ''
  const parts = {
    ...{ configuration, directory, store, vault, log, terminals, runtime },
    url: () => url,
  }
  const deps = surfaceDeps(parts, engine, () => isServing)
  const operator = operatorSurface(deps)
  opened.defer(() => operator.close())
  url = await listen(operator, configuration.host, configuration.port)
  await runtime.ensureUsable()
  const address = await runtime.serverAddress(portOf(url))
  const instances = address.listenOn === configuration.host ? operator : instanceSurface(deps)
  if (instances !== operator) {
    opened.defer(() => instances.close())
    await listen(instances, address.listenOn, portOf(url))
  }
  instancesUrl = address.url

  nameOwner(directory.path, url)
  const attach = `tmux -L ${terminals.socket} attach -t =worker-1`
  log.info({ url, run: directory.run, attach }, 'serving')
  await engine.begin({ policy: configuration.policy, lines })
  isServing = true

  const resources = opened.move()
  return {
    log,
    url,
    damaged,
    async close({ stopInstances }) {
      await engine.close({ stopInstances })
      // Only a hint: a hub that cannot be read must not fail the stop.
      for (const each of await engine.unpublished().catch(() => []))
        log.warn({}, `not on the origin: ${each}`)
      await resources.disposeAsync()
    },
  }
}
