import type { Logger } from 'pino'
import { openVault } from '../adapters/credentials/vault.ts'
import { createGitRepository, type GitRepositoryOptions } from '../adapters/git/repository.ts'
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
import { gitIdentity } from '../claude/launch/git-identity.ts'
import type { Configuration } from '../config/configuration.ts'
import { LineId, RepositoryId } from '../core/model/ids.ts'
import { initialState } from '../core/model/initial-state.ts'
import { listen, portOf } from '../http/listen.ts'
import { createLaunchSockets, type SocketSurfaces } from '../http/instance/launch-sockets.ts'
import { arrivalLimit, checkSurface, instanceSurface, operatorSurface } from '../http/server.ts'
import type { Damaged } from '../ports/store-damaged.ts'
import { describeProblems } from '../lib/problem.ts'
import { plainText } from '../lib/plain-text.ts'
import { createRedact } from '../lib/redact.ts'
import { reasonOf } from '../lib/reason.ts'
import {
  carriedOut,
  compareSettings,
  readLastRun,
  recordStart,
  startSettings,
} from './last-start.ts'
import { createEgress, nearModels, unreadableHosts } from './egress.ts'
import { environmentForOrigin, openOutbound, withheldProxy, writeBundle } from './outbound.ts'
import { proposeHosts } from './proposed-hosts.ts'
import { createRuntime } from './runtimes.ts'
import { UnusableConfiguration } from './unusable-configuration.ts'
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

/** Opens everything, what finds mistakes soonest first; then starts or continues the run. */
export async function startOrchestrator(
  configured: Configuration,
  directory: StateDirectory,
  { decorate = (_, port) => port }: StartOptions = {},
): Promise<Orchestrator> {
  await using opened = new AsyncDisposableStack()
  const { promise: damaged, resolve: onDamaged } = Promise.withResolvers<Damaged>()
  const store = decorate(
    'store',
    opened.use(openStore(directory.database, { onDamaged, owner: () => ownerOf(directory.path) })),
  )
  const { vault, problems, way } = await openVault(
    configured.credentialGlob,
    configured.credentialWay,
  )
  const configuration = { ...configured, policy: { ...configured.policy, credentials: way } }
  const { outbound, ...opening } = await openOutbound(configuration)
  const unusable = [...problems, ...unreadableHosts(configuration), ...opening.problems]
  if (unusable.length > 0) throw new UnusableConfiguration(describeProblems(unusable))
  let launchTokens = (): readonly string[] => []
  const redact = createRedact(() => [...vault.secrets(), ...opening.secrets, ...launchTokens()])
  const log = createLog({ level: configuration.logLevel, redact, file: directory.serverLog })
  const bundle = writeBundle(directory, outbound)
  const hubOptions: GitRepositoryOptions = {
    path: directory.hub,
    backups: directory.backupRepository,
    origin: configuration.repositoryUrl,
    target: configuration.branch,
    publish: configuration.publish,
    identity: { name: 'Claude Code Orchestrator', email: 'orchestrator@localhost' },
    protect: configuration.protect,
    authorship: {
      identityOf: (instance) => gitIdentity(instance, configuration.environment),
      authors: configuration.authors,
    },
    maxIntakeBytes: 256 * 1024 ** 2,
    maxIntakeSeconds: 300,
    environment: await environmentForOrigin(configuration, outbound, bundle),
  }
  const onProblem = (what: string, error: unknown): void =>
    log.warn({ reason: reasonOf(error) }, what)
  const last = readLastRun(directory, store.load())
  const changesAt = await compareSettings(configuration, last, hubOptions, outbound)
  const repository = decorate('repository', createGitRepository(hubOptions))
  const windows = opened.use(
    createTmuxTerminals({
      socket: `orchestrator-${directory.run}`,
      logDirectory: directory.logs,
    }),
  )
  const terminals = decorate('terminals', windows)
  await terminals.ensureUsable()
  const { head } = await repository.ensureReady()
  const rootFiles = await repository.rootFiles()
  const lines = [
    {
      id: LineId('main'),
      repository: RepositoryId('main'),
      branch: configuration.branch,
      head,
    },
  ]

  let instancesUrl = ''
  const egress = opened.use(
    createEgress({ configuration, vault, log, outbound, dispatcher: () => engine.dispatcher }),
  )
  const { promise: surfaces, resolve: serveOnSockets } = Promise.withResolvers<SocketSurfaces>()
  const sockets = opened.use(
    createLaunchSockets({
      surfaces,
      proxyFor: (instance) => egress.listenerFor(instance),
      arrivalLimitMs: arrivalLimit,
    }),
  )
  const created = createRuntime(configuration, directory, {
    serverUrl: () => instancesUrl,
    sockets,
    onProblem,
    outbound,
    nearModels: () => nearModels(vault),
    bundle,
  })
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
      writeReport: async (report) =>
        writeWhole(directory.report, `${plainText(report).trimEnd()}\n`),
    },
    {
      initial: initialState(directory.run, configuration.policy, lines, systemClock.now()),
      checks: configuration.checks,
      secret: directory.secret,
      gatewayUrl: () => `${instancesUrl}/gateway`,
      redact,
      onProblem,
    },
  )
  launchTokens = () => engine.tokens.secrets()
  opened.use(
    engine.dispatcher.subscribe(({ before, after }) => {
      if (before?.hosts !== after.hosts) egress.policyChanged()
    }),
  )
  let url = ''
  const parts = {
    ...{ configuration, directory, store, vault, log, terminals, runtime, outbound, rootFiles },
    url: () => url,
  }
  const deps = surfaceDeps(parts, engine, () => isServing)
  const operator = operatorSurface(deps)
  opened.defer(() => operator.close())
  url = await listen(operator, configuration.host, configuration.port)
  await runtime.ensureUsable()
  const address = await runtime.serverAddress(portOf(url))
  if (address.listenOn !== configuration.host) {
    const instances = instanceSurface(deps)
    opened.defer(() => instances.close())
    const checks = checkSurface(deps)
    opened.defer(() => checks.close())
    serveOnSockets({ instances, checks })
    if (address.listenOn !== null) await listen(instances, address.listenOn, portOf(url))
  }
  instancesUrl = address.url

  nameOwner(directory.path, url)
  const attach = `tmux -L ${terminals.socket} attach -t =worker-1`
  log.info({ url, run: directory.run, attach, credentials: way, ...opening.shown }, 'serving')
  const withheld = withheldProxy(configuration, outbound)
  if (withheld !== null)
    log.warn(
      { reason: withheld },
      'instances do not use the upstream proxy: see docs/configuration.md',
    )
  for (const { host, because } of proposeHosts(
    configuration,
    rootFiles,
    engine.dispatcher.state.hosts.allowed,
  ))
    log.warn(
      { host, because },
      'packages come from a host that instances do not reach: see /status',
    )
  const changes = changesAt(instancesUrl)
  for (const { setting, from, to } of changes)
    log.info({ setting, from, to }, 'a setting is not that of the last start')
  await engine.begin({ policy: configuration.policy, lines, changed: carriedOut(changes) })
  recordStart(directory, startSettings(configuration, instancesUrl, outbound))
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
