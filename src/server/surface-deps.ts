import type { Logger } from 'pino'
import packageFile from '../../package.json' with { type: 'json' }
import { freeMiB, leastFreeMiB, type StateDirectory } from '../adapters/system/state-directory.ts'
import { systemClock } from '../adapters/system/clock.ts'
import type { Configuration } from '../config/configuration.ts'
import type { Engine } from '../engine/engine.ts'
import type { ServerDeps } from '../http/server.ts'
import { curlAt } from '../http/operator/views/curl.ts'
import { viewStatus } from '../http/operator/views/status.ts'
import { describeWriteOutage, type StoreHealth, warningsOf } from '../http/operator/views/store.ts'
import type { Runtime } from '../ports/runtime.ts'
import type { MaintainedStore } from '../ports/store.ts'
import type { Terminals } from '../ports/terminals.ts'
import type { Vault } from '../ports/vault.ts'
import { createModelGateway } from './model-gateway.ts'

export interface SurfaceParts {
  readonly configuration: Configuration
  readonly directory: StateDirectory
  readonly store: MaintainedStore
  readonly vault: Vault
  readonly log: Logger
  readonly terminals: Terminals
  readonly runtime: Runtime
  /** The address of the operator's surface; known once the server listens. */
  readonly url: () => string
}

/** What the HTTP surfaces need of the engine and of the server around it. */
export function surfaceDeps(
  parts: SurfaceParts,
  engine: Engine,
  isServing: () => boolean,
): ServerDeps {
  const { dispatcher, workerApi, tokens, handoffs } = engine
  const { configuration, directory, store, vault, log, terminals, runtime } = parts
  const runtimeOutage = () => engine.reconciler.runtimeUnreachable?.reason ?? null
  return {
    log,
    dispatcher,
    workerApi,
    tokens,
    handoffs,
    store,
    workspaces: runtime.workspaces,
    hub: directory.hub,
    operatorToken: directory.operatorToken,
    hosts: [configuration.host],
    version: packageFile.version,
    claudeCodeVersion: packageFile.claudeCode.version,
    troubles: () =>
      [
        isServing() ? null : 'the server is starting',
        describeWriteOutage(storeHealth(parts, engine)),
        runtimeOutage(),
      ].filter((each) => each !== null),
    warnings: () => warningsOf(storeHealth(parts, engine)),
    gateway:
      configuration.policy.credentials === 'gateway'
        ? createModelGateway(dispatcher, tokens, vault, () => systemClock.now())
        : null,
    status: () =>
      viewStatus({
        state: dispatcher.state,
        store: storeHealth(parts, engine),
        handoffs: handoffs.figures,
        terminalSocket: terminals.socket,
        runtime: runtime.kind,
        containerOf: ({ id }) => runtime.instances.externalNameOf(id),
        runtimeOutage: runtimeOutage(),
        curl: curlAt(() => ({ url: parts.url(), tokenFile: directory.operatorTokenFile })),
      }),
  }
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
