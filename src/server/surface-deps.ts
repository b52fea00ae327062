import type { Logger } from 'pino'
import packageFile from '../../package.json' with { type: 'json' }
import { freeMiB, leastFreeMiB, type StateDirectory } from '../adapters/system/state-directory.ts'
import { systemClock } from '../adapters/system/clock.ts'
import type { Configuration } from '../config/configuration.ts'
import type { Engine } from '../engine/engine.ts'
import { allowedModels } from '../gateway/models.ts'
import { Sessions } from '../http/access/sessions.ts'
import { portOf } from '../http/listen.ts'
import type { HealthProblem } from '../http/operator/health.ts'
import type { ServerDeps } from '../http/server.ts'
import { curlAt } from '../http/operator/views/curl.ts'
import { viewProtected } from '../http/operator/views/merge.ts'
import { viewStatus } from '../http/operator/views/status.ts'
import {
  describeWriteOutage,
  type StoreHealth,
  warningsOf,
  withoutNames,
} from '../http/operator/views/store.ts'
import type { Outbound } from '../outbound/outbound.ts'
import type { Runtime } from '../ports/runtime.ts'
import type { MaintainedStore } from '../ports/store.ts'
import type { Terminals } from '../ports/terminals.ts'
import type { Vault } from '../ports/vault.ts'
import { readHost } from './egress.ts'
import { createPackages } from './packages.ts'
import { sessionFileIn } from './session-file.ts'
import { proposeHosts } from './proposed-hosts.ts'
import { createModelGateway } from './model-gateway.ts'

export interface SurfaceParts {
  readonly configuration: Configuration
  readonly directory: StateDirectory
  readonly store: MaintainedStore
  readonly vault: Vault
  readonly log: Logger
  readonly terminals: Terminals
  readonly runtime: Runtime
  readonly outbound: Outbound
  /** The names of the files at the repository's root. */
  readonly rootFiles: readonly string[]
  /** The address of the operator's surface; known once the server listens. */
  readonly url: () => string
}

/** What the HTTP surfaces need of the engine and of the server around it. */
export function surfaceDeps(
  parts: SurfaceParts,
  engine: Engine,
  isServing: () => boolean,
): ServerDeps {
  const { dispatcher, workerApi, tokens, handoffs, runningChecks } = engine
  const { configuration, directory, store, vault, log, terminals, runtime, outbound } = parts
  const curl = curlAt(() => ({ url: parts.url(), tokenFile: directory.operatorTokenFile }))
  const runtimeOutage = () => engine.reconciler.runtimeUnreachable?.reason ?? null
  const { operatorToken, readerToken } = directory
  const tokensOfPeople = { operatorToken, readerToken }
  const now = (): number => systemClock.now()
  return {
    log,
    dispatcher,
    workerApi,
    tokens,
    handoffs,
    runningChecks,
    store,
    workspaces: runtime.workspaces,
    carriers: runtime.carriers,
    backupRepository: directory.backupRepository,
    ...tokensOfPeople,
    sessions: new Sessions({ ...tokensOfPeople, file: sessionFileIn(directory.path), now, log }),
    now,
    address: () => ({
      host: configuration.host,
      port: portOf(parts.url()),
      publicUrl: configuration.publicUrl,
    }),
    version: packageFile.version,
    claudeCodeVersion: packageFile.claudeCode.version,
    troubles: () => problemsOf(storeHealth(parts, engine), runtimeOutage(), isServing()),
    warnings: () => {
      const health = storeHealth(parts, engine)
      const publicTexts = warningsOf(withoutNames(health))
      return warningsOf(health).map((text, index) => ({
        text,
        publicText: publicTexts[index] ?? 'the log has a warning',
      }))
    },
    gateway:
      configuration.policy.credentials === 'gateway'
        ? createModelGateway(dispatcher, tokens, vault, {
            now,
            isAllowed: allowedModels(configuration.model, configuration.environment),
            sealed: configuration.network === 'sealed',
            outbound,
          })
        : null,
    readHost,
    curl,
    packages: createPackages(configuration, outbound),
    protectedChanges: async (task) => {
      const changes = await engine.describeProtected(task)
      const merge = dispatcher.state.merges.find((each) => each.task === task)
      return changes === null || merge === undefined ? null : viewProtected(merge, changes, curl)
    },
    status: (query) =>
      viewStatus(
        {
          state: dispatcher.state,
          store: storeHealth(parts, engine),
          handoffs: handoffs.figures,
          terminalSocket: terminals.socket,
          runtime: runtime.kind,
          network: configuration.network,
          proposedHosts: proposeHosts(
            configuration,
            parts.rootFiles,
            dispatcher.state.hosts.allowed,
          ),
          containerOf: ({ id }) => runtime.instances.externalNameOf(id),
          runtimeOutage: runtimeOutage(),
          runningChecks: runningChecks.all,
          curl,
          hub: directory.hub,
        },
        query,
      ),
  }
}

function problemsOf(
  health: StoreHealth,
  runtimeOutage: string | null,
  isServing: boolean,
): readonly HealthProblem[] {
  const start = 'the server is starting'
  const ofStore = describeWriteOutage(health)
  return [
    ...(isServing ? [] : [{ text: start, publicText: start }]),
    ...(ofStore === null
      ? []
      : [{ text: ofStore, publicText: describeWriteOutage(withoutNames(health)) ?? '' }]),
    ...(runtimeOutage === null
      ? []
      : [
          {
            text: runtimeOutage,
            publicText: 'the server cannot reach the engine that runs its instances',
          },
        ]),
  ]
}

function storeHealth(
  { directory: { path } }: SurfaceParts,
  { dispatcher, maintenance }: Engine,
): StoreHealth {
  const { writeOutage, waiting } = dispatcher
  return {
    directory: path,
    freeMiB: freeMiB(path),
    leastFreeMiB,
    writeOutage,
    waiting,
    backups: maintenance.backups,
  }
}
