import type { Logger } from 'pino'
import packageFile from '../../package.json' with { type: 'json' }
import { openVault } from '../adapters/credentials/vault.ts'
import { createGitRepository } from '../adapters/git/repository.ts'
import { createLog } from '../adapters/log/log.ts'
import { parseTaskList } from '../adapters/markdown/task-list.ts'
import { openStore } from '../adapters/sqlite/store.ts'
import { systemClock } from '../adapters/system/clock.ts'
import {
  freeMiB,
  leastFreeMiB,
  nameOwner,
  ownerOf,
  type StateDirectory,
  writeWhole,
} from '../adapters/system/state-directory.ts'
import { createTmuxTerminals } from '../adapters/tmux/terminals.ts'
import type { Configuration } from '../config/configuration.ts'
import { initialState } from '../core/model/initial-state.ts'
import { describeTransitions } from '../engine/observe/transition-log.ts'
import { WorkerApi } from '../engine/worker-api.ts'
import { Dispatcher } from '../engine/dispatch/dispatcher.ts'
import { Executor } from '../engine/executor.ts'
import { HandoffMeter } from '../engine/observe/handoffs.ts'
import { Maintenance } from '../engine/observe/maintenance.ts'
import { keepRenewals } from '../engine/commands/logins.ts'
import { PromptSender } from '../engine/commands/send-prompt.ts'
import { InstanceStarter } from '../engine/commands/start-instance.ts'
import { Reconciler } from '../engine/observe/reconciler.ts'
import { AgentStatusTracker } from '../engine/observe/agent-status.ts'
import { CredentialRotator } from '../engine/commands/rotate-credential.ts'
import { LaunchTokens } from '../engine/commands/launch-tokens.ts'
import { listen, portOf } from '../http/listen.ts'
import { instanceSurface, operatorSurface, type ServerDeps } from '../http/server.ts'
import { statusDocument } from '../http/operator/status.ts'
import { type StoreHealth, standstillOf, warningsOf } from '../http/operator/store-status.ts'
import type { Damaged } from '../ports/store-damaged.ts'
import { describeProblems } from '../lib/problem.ts'
import { createRedact, type Redact } from '../lib/redact.ts'
import { reasonOf } from '../lib/reason.ts'
import type { Repository } from '../ports/repository.ts'
import type { Runtime } from '../ports/runtime.ts'
import type { MaintainedStore } from '../ports/store.ts'
import type { Terminals } from '../ports/terminals.ts'
import type { Vault, VaultChange } from '../ports/vault.ts'
import { createModelGateway } from './model-gateway.ts'
import { createRuntime } from './runtimes.ts'

export interface Orchestrator {
  readonly log: Logger
  readonly url: string
  /** Settles when the database shows damage; the server must stop then. */
  readonly damaged: Promise<Damaged>
  close(how: { readonly stopInstances: boolean }): Promise<void>
}

/** Returns the port that the server uses in place of the given one. Production passes none. */
export type Decorate = <Port extends object>(
  name: 'store' | 'repository' | 'terminals' | 'runtime',
  port: Port,
) => Port

export interface StartOptions {
  readonly decorate?: Decorate
}

/** The credential files do not allow a start; the message names each and its remedy. */
export class UnusableCredentials extends Error {}

/** Opens everything in the order in which a mistake is cheapest to tell, then lets the run begin or go on. */
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
    configuration.rules.credentials,
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

  let instancesUrl = ''
  const runtime = decorate(
    'runtime',
    createRuntime(configuration, directory, () => instancesUrl),
  )
  let isServing = false
  opened.defer(async () => {
    if (!directory.isNew || isServing) return
    // What kept the server from starting is the failure to tell, also when it keeps us from cleaning up.
    await runtime.ensureAllStopped().catch(() => undefined)
  })

  const parts = {
    configuration,
    directory,
    store,
    vault,
    log,
    repository,
    terminals,
    runtime,
    redact,
    instancesUrl: () => instancesUrl,
  }
  const engine = assembleEngine(
    parts,
    initialState(directory.run, configuration.rules, head, systemClock.now()),
  )
  const deps = serverDeps(parts, engine, () => isServing)
  const operator = operatorSurface(deps)
  opened.defer(() => operator.close())
  const url = await listen(operator, configuration.host, configuration.port)
  await runtime.ensureUsable()
  const { host } = await runtime.addressForInstances()
  const instances = host === configuration.host ? operator : instanceSurface(deps)
  if (instances !== operator) {
    opened.defer(() => instances.close())
    await listen(instances, host, portOf(url))
  }
  instancesUrl = `http://${host}:${portOf(url)}`

  nameOwner(directory.path, url)
  engine.dispatcher.dispatch({
    type: 'server-started',
    rules: configuration.rules,
    head,
    credentials: vault.list(),
  })
  log.info(
    { url, run: directory.run, attach: `tmux -L ${terminals.socket} attach -t =worker-1` },
    'serving',
  )
  opened.use(vault.watch((change) => followPool(engine.dispatcher, log, change)))
  await engine.reconciler.begin()
  isServing = true

  const resources = opened.move()
  return {
    log,
    url,
    damaged,
    async close({ stopInstances }) {
      await engine.reconciler[Symbol.asyncDispose]()
      await engine.executor.close()
      engine.renewals[Symbol.dispose]()
      if (stopInstances) await stopEverything(engine.dispatcher, runtime, terminals)
      engine.dispatcher[Symbol.dispose]()
      await engine.housekeeping[Symbol.asyncDispose]()
      await resources.disposeAsync()
    },
  }
}

type Engine = ReturnType<typeof assembleEngine>

interface Parts {
  readonly configuration: Configuration
  readonly directory: StateDirectory
  readonly store: MaintainedStore
  readonly vault: Vault
  readonly log: Logger
  readonly repository: Repository
  readonly terminals: Terminals
  readonly runtime: Runtime
  readonly redact: Redact
  /** Known once the server listens. */
  readonly instancesUrl: () => string
}

function assembleEngine(parts: Parts, initial: ReturnType<typeof initialState>) {
  const { configuration, directory, store, vault, log, repository, terminals, runtime } = parts
  const clock = systemClock
  const dispatcher: Dispatcher = new Dispatcher(
    store,
    clock,
    initial,
    (commands) => executor.execute(commands),
    parts.redact,
  )
  const state = () => dispatcher.state
  const dispatch = dispatcher.enqueue.bind(dispatcher)
  const tokens = new LaunchTokens(directory.secret)
  const sightings = new AgentStatusTracker(clock)
  const prompting = new PromptSender({ state, runtime, terminals, sightings, clock })
  const handoffs = new HandoffMeter()
  const executor = new Executor({
    clock,
    state,
    dispatch,
    runtime,
    terminals,
    repository,
    provisioning: new InstanceStarter({
      state,
      runtime,
      terminals,
      vault,
      tokens,
      gatewayUrl: () => `${parts.instancesUrl()}/gateway`,
    }),
    prompting,
    swapping: new CredentialRotator({ runtime, vault, sightings, clock }),
    checks: configuration.checks,
    parseTaskList,
    writeReport: async (report) => writeWhole(directory.report, `${report.trimEnd()}\n`),
  })
  const onTrouble = (trouble: string, error: unknown) =>
    log.warn({ reason: reasonOf(error) }, trouble)
  const renewals = keepRenewals({ runtime, vault }, { onTrouble })
  const reconciler = new Reconciler({ dispatcher, runtime, terminals, sightings, clock, onTrouble })
  const housekeeping = new Maintenance({ store, clock, onTrouble })
  dispatcher.watchWriteOutage((standstill) => {
    if (standstill !== null)
      return log.error(
        { ...standstill, directory: directory.path },
        'nothing can be written: standing still',
      )
    log.info('writing works again')
    reconciler
      .collect()
      .catch((error: unknown) =>
        onTrouble('fetching what the instances could not deliver failed', error),
      )
  })
  dispatcher.subscribe((change) => {
    // Merges are for good: a state that knows less of them than the hub would have them done once more.
    housekeeping.noteChange({ isPrompt: change.before.run.head !== change.after.run.head })
    handoffs.note(change)
    sightings.noteChange(change)
    for (const { level, text, fields } of describeTransitions(change)) log[level](fields, text)
  })
  const desk = new WorkerApi({
    dispatcher,
    repository,
    runtime,
    targetBranch: configuration.branch,
  })
  return { dispatcher, executor, reconciler, renewals, desk, tokens, handoffs, housekeeping }
}

function serverDeps(parts: Parts, engine: Engine, isServing: () => boolean): ServerDeps {
  const { dispatcher, desk, tokens, handoffs } = engine
  const { configuration, directory, store, vault, log, terminals, runtime } = parts
  const blindness = () => engine.reconciler.runtimeUnreachable?.reason ?? null
  return {
    log,
    dispatcher,
    desk,
    tokens,
    handoffs,
    store,
    runtime,
    targetBranch: configuration.branch,
    hub: directory.hub,
    operatorToken: directory.operatorToken,
    hosts: [configuration.host],
    version: packageFile.version,
    claudeCodeVersion: packageFile.claudeCode.version,
    troubles: () =>
      [
        isServing() ? null : 'the server is starting',
        standstillOf(storeHealth(parts, engine)),
        blindness(),
      ].filter((each) => each !== null),
    warnings: () => warningsOf(storeHealth(parts, engine)),
    gateway:
      configuration.rules.credentials === 'gateway'
        ? createModelGateway(dispatcher, tokens, vault, () => systemClock.now())
        : null,
    status: () =>
      statusDocument({
        state: dispatcher.state,
        store: storeHealth(parts, engine),
        handoffs: handoffs.figures,
        terminalSocket: terminals.socket,
        runtime: runtime.kind,
        containerOf: ({ id }) => runtime.placeOf(id),
        blindness: blindness(),
      }),
  }
}

function storeHealth(
  { directory: { path } }: Parts,
  { dispatcher, housekeeping }: Engine,
): StoreHealth {
  const { writeOutage: standstill, waiting } = dispatcher
  return {
    directory: path,
    freeMiB: freeMiB(path),
    leastFreeMiB,
    standstill,
    waiting,
    backups: housekeeping.backups,
  }
}

/** Files of the pool that appear, change or go are facts like any other; what is wrong with them is told, and the last good value stays. */
function followPool(
  dispatcher: Dispatcher,
  log: Logger,
  { credentials, changed, problems }: VaultChange,
): void {
  for (const { file, what, remedy } of problems)
    log.warn({ file, remedy }, `credential file ${what}`)
  dispatcher.enqueue({ type: 'credentials-changed', credentials, changed })
}

async function stopEverything(
  dispatcher: Dispatcher,
  runtime: Runtime,
  terminals: Terminals,
): Promise<void> {
  await runtime.ensureAllStopped()
  for (const id of dispatcher.state.instances.keys()) await terminals.ensureClosed(id)
}
