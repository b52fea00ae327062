import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import type { InstanceId, Launch, RunId } from '../../core/model/ids.ts'
import type { Place } from '../../claude/launch/place.ts'
import { sessionFiles } from '../../claude/observe/session.ts'
import type { Owner } from '../../hosting/owned-file.ts'
import { isThere } from '../../hosting/untrusted-file.ts'
import { Liveness } from '../../hosting/liveness.ts'
import type { AgentStatus, LaunchOrder, Runtime } from '../../ports/runtime.ts'
import { runCheck } from './check.ts'
import { causeOfDeath } from './cause-of-death.ts'
import { createContainers, type FoundContainer } from './containers.ts'
import { listenForDeaths, type Death } from './deaths.ts'
import { createDirectories, launchFolder } from './directories.ts'
import { findEngine, type Engine } from './engine.ts'
import { ensureImage } from './image.ts'
import { execute } from './exec.ts'
import { instanceLabels } from './labels.ts'
import { createNetwork } from './network.ts'
import { prepareSalvage } from './salvage.ts'
import { containerOptions, imageUser, inside, type Limits } from './template.ts'

export interface DockerOptions {
  readonly run: RunId
  readonly stateDirectory: string
  /** The hub's path on the host. */
  readonly hub: string
  readonly targetBranch: string
  readonly image: string
  readonly model: string
  readonly limits: Limits
  /** The operator's own variables for the agents. */
  readonly environment: Readonly<Record<string, string>>
  /** Under which instances reach the server; asked at every launch, since the server only knows once it listens. */
  readonly serverUrl: () => string
  /** Another engine than that of the `docker` command. */
  readonly engine?: Engine
}

/** For one of the instance's tools: preparing a large workspace takes its time, a hostile one would take for ever. */
const TOOL_TIMEOUT_MS = 5 * 60_000

/** A sequence that nobody types: the default begins with ctrl-p, which Claude Code knows as a key of its own. */
const detachKeys = 'ctrl-^,ctrl-^'

/** Instances as hardened containers of the local engine. */
export function createDockerRuntime(options: DockerOptions): Runtime {
  const { run, image, limits } = options
  const engine = options.engine ?? findEngine()
  const user = containerUser()
  const hub = realpathSync(options.hub)
  const containers = createContainers(engine, run)
  const network = createNetwork(engine, run)
  const directories = createDirectories(realpathSync(options.stateDirectory), user)
  const vitals = new Liveness<InstanceId, AgentStatus>()
  const starting = new Set<InstanceId>()

  const nameOf = (instance: InstanceId) => `orchestrator-${run}-${instance}`

  const place = (): Place => ({
    serverUrl: options.serverUrl(),
    hub: inside.hub,
    workspace: inside.workspace,
    outbox: `${inside.home}/.orchestrator/outbox`,
    tools: inside.tools,
    settings: `${inside.settings}/${launchFolder}`,
    targetBranch: options.targetBranch,
    model: options.model,
    environment: options.environment,
  })

  const start = async (order: LaunchOrder): Promise<void> => {
    const { instance, launch, role } = order
    await network.ensure()
    await directories.prepare(order, place())
    const mounts = { hub, ...directories.mounts(instance) }
    const labels = instanceLabels(run, instance, role, launch)
    const container = containerOptions({
      name: nameOf(instance),
      image,
      labels,
      user,
      limits,
      network: network.name,
      command: null,
      isPipe: false,
      mounts,
    })
    vitals.expectLife(instance, launch)
    try {
      await containers.start(container, order)
    } catch (error) {
      vitals.expectEnd(instance)
      throw error
    }
  }

  const adopt = async (instance: InstanceId, launch: Launch, id: string): Promise<void> => {
    vitals.expectLife(instance, launch)
    await directories.logins.follow(instance)
    if (vitals.isFollowed(instance)) return
    await vitals.follow(
      instance,
      directories.sessions(instance),
      sessionFiles(await containers.startedAt(id)),
    )
  }

  const listAlive = async () => (await containers.list()).filter(({ isRunning }) => isRunning)

  const adoptAll = async (running: readonly FoundContainer[]): Promise<void> => {
    const own = running.filter(({ instance }) => !starting.has(instance))
    await Promise.all(own.map(({ instance, launch, id }) => adopt(instance, launch, id)))
  }

  const remove = async (instance: InstanceId, found: readonly FoundContainer[]): Promise<void> => {
    vitals.expectEnd(instance)
    for (const { id } of found) await containers.remove(id)
  }

  /** Compares what was alive when the engine was asked, so that a launch that begins meanwhile is not missed in an older answer. */
  const lookForDeaths = async (wasAway: boolean): Promise<void> => {
    const before = vitals.alive()
    const running = await listAlive()
    for (const [instance, launch] of before) {
      if (
        starting.has(instance) ||
        running.some((one) => one.instance === instance && one.launch === launch)
      )
        continue
      const cause = await causeOfDeath(engine.api.getContainer(nameOf(instance)))
      vitals.reportDeath(instance, launch, cause, wasAway ? 'engine' : undefined)
    }
    await adoptAll(running)
  }

  return {
    kind: 'docker',

    async ensureUsable() {
      await ensureImage(engine, image)
      await containers.removeHelpers()
      await network.ensure()
    },

    async addressForInstances() {
      await network.ensure()
      return { host: await network.gateway() }
    },

    async ensureRunning(order) {
      const { instance, launch } = order
      starting.add(instance)
      try {
        const found = await containers.list(instance)
        const newer = found.find((container) => container.launch > launch)
        if (newer !== undefined)
          throw new Error(
            `launch ${launch} of ${instance} is over: there is launch ${newer.launch}`,
          )
        const isRunning = found.some(
          (container) => container.launch === launch && container.isRunning,
        )
        if (!isRunning) {
          await remove(instance, found)
          await start(order)
        }
        const hasDiedSince = !isRunning && vitals.launchOf(instance) !== launch
        if (!hasDiedSince) await adopt(instance, launch, nameOf(instance))
      } finally {
        starting.delete(instance)
      }
    },

    logins: directories.logins,

    replaceCredential: (instance, environment) =>
      directories.replaceCredential(instance, environment),

    async ensureStopped(instance) {
      await remove(instance, await containers.list(instance))
    },

    async listRunning() {
      const running = await listAlive()
      await adoptAll(running)
      return running.map(({ instance, launch }) => ({ instance, launch }))
    },

    placeOf: nameOf,

    /** Different for every launch, so that a terminal that still shows the end of the last one is not taken for this one's. */
    terminalCommand(instance) {
      const attach = [
        'attach',
        '--sig-proxy=false',
        `--detach-keys=${detachKeys}`,
        nameOf(instance),
      ]
      return ['env', `LAUNCH=${vitals.launchOf(instance) ?? 0}`, ...engine.cli, ...attach]
    },

    run(instance, [tool = '', ...words]) {
      const argv = [`${inside.tools}/${tool}`, ...words]
      return execute(engine, {
        container: nameOf(instance),
        argv,
        directory: inside.workspace,
        timeoutMs: TOOL_TIMEOUT_MS,
      })
    },

    uploadPack: (instance) => [
      ...engine.cli,
      'exec',
      '-i',
      nameOf(instance),
      'git-upload-pack',
      inside.workspace,
    ],

    async salvage(instance, task) {
      const { workspace } = directories.mounts(instance)
      if (!(await isThere(join(workspace, '.git')))) return null
      return prepareSalvage(engine, { run, image, hub, limits, user, workspace, instance, task })
    },

    status: (instance) => vitals.status(instance),

    watch(listener) {
      const listening = vitals.listen(listener)
      const died = ({ container, instance, launch }: Death): void =>
        void causeOfDeath(engine.api.getContainer(container)).then((cause) =>
          vitals.reportDeath(instance, launch, cause),
        )
      const events = listenForDeaths(engine, run, { died, connected: lookForDeaths })
      return {
        [Symbol.dispose]() {
          events[Symbol.dispose]()
          listening[Symbol.dispose]()
        },
      }
    },

    check: (commit, commands, timeoutMs) =>
      runCheck(engine, { run, image, hub, limits, commit, commands, timeoutMs }),

    async ensureAllStopped() {
      for (const instance of vitals.alive().keys()) vitals.expectEnd(instance)
      await containers.removeAll()
      await network.remove()
    },
  }
}

/** As root we choose the image's user; anybody else can only give files to themselves, so the instances run as that user. */
function containerUser(): Owner {
  const [uid = 0, gid = 0] = [process.getuid?.(), process.getgid?.()]
  return uid === 0 ? imageUser : { uid, gid }
}
