import { realpathSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { InstanceId } from '../../core/model/ids.ts'
import type { Place } from '../../claude/launch/place.ts'
import { checkScript, LARGEST_CHECK_OUTPUT } from '../../hosting/check-script.ts'
import { isThere } from '../../hosting/untrusted-file.ts'
import type { RunningInstance, Runtime } from '../../ports/runtime.ts'
import { runCommand, runWatched } from './command.ts'
import { createDirectories } from './directories.ts'
import { createLaunches } from './launches.ts'
import { endProcesses, processesWith } from './processes.ts'
import { createRecords } from './records.ts'
import { createWorktrees } from './worktrees.ts'

export interface ProcessOptions {
  readonly stateDirectory: string
  readonly hub: string
  readonly targetBranch: string
  readonly model: string
  /** Path of Claude Code's executable. */
  readonly cli: string
  /** The operator's own variables for the agents. */
  readonly environment: Readonly<Record<string, string>>
  /** Under which instances reach the server; asked at every launch, since the server only knows once it listens. */
  readonly serverUrl: () => string
}

const TOOL_TIMEOUT_MS = 5 * 60_000

/** Claude Code says goodbye to its hooks when it is asked to end. */
const END_GRACE_MS = 5_000

const tools = resolve(import.meta.dirname, '../../../docker/tools')
const runAgent = join(import.meta.dirname, 'run-agent.sh')

/**
 * Instances as processes of this machine, without a boundary around them. An agent needs a terminal, so its terminal runs it: it outlives
 * the server, but not the terminal, and is started again with its conversation after one was closed.
 */
export function createProcessRuntime(options: ProcessOptions): Runtime {
  const stateDirectory = realpathSync(options.stateDirectory)
  const hub = realpathSync(options.hub)
  const PATH = `${join(stateDirectory, 'bin')}:${process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin'}`
  const ownEnvironment = { PATH, HOME: stateDirectory }
  const directories = createDirectories(stateDirectory)
  const paths = directories.pathsOf
  const worktrees = createWorktrees({
    hub,
    targetBranch: options.targetBranch,
    environment: ownEnvironment,
  })
  const recordsOf = (instance: InstanceId) => createRecords(paths(instance).records)
  const launches = createLaunches({ recordsOf, sessionsOf: (instance) => paths(instance).sessions })

  /** Which instance a process belongs to shows in its environment, whoever started it. */
  const environmentOf = (instance: InstanceId) => ({
    HOME: paths(instance).home,
    PATH,
    ORCHESTRATOR_SETTINGS: paths(instance).settings,
  })

  const place = (instance: InstanceId): Place => ({
    serverUrl: options.serverUrl(),
    hub,
    workspace: paths(instance).workspace,
    outbox: join(paths(instance).home, '.orchestrator', 'outbox'),
    tools,
    settings: paths(instance).settings,
    targetBranch: options.targetBranch,
    model: options.model,
    environment: options.environment,
  })

  const stop = async (instance: InstanceId): Promise<void> => {
    launches.forget(instance)
    await recordsOf(instance).close()
    await endProcesses(
      () => processesWith(`ORCHESTRATOR_SETTINGS=${environmentOf(instance).ORCHESTRATOR_SETTINGS}`),
      END_GRACE_MS,
    )
  }

  return {
    kind: 'process',

    async ensureUsable() {
      const order = {
        argv: [options.cli, '--version'],
        directory: stateDirectory,
        environment: ownEnvironment,
        timeoutMs: TOOL_TIMEOUT_MS,
      }
      const { exitCode } = await runCommand(order).catch((error: unknown) => {
        throw new Error(
          `there is no Claude Code at ${options.cli}. Install it: sh docker/setup.sh all`,
          { cause: error },
        )
      })
      if (exitCode !== 0)
        throw new Error(
          `${options.cli} --version ended with ${exitCode}. Install it again: sh docker/setup.sh all`,
        )
    },

    addressForInstances: () => Promise.resolve({ host: '127.0.0.1' }),

    async ensureRunning(order) {
      const { instance, launch } = order
      const records = recordsOf(instance)
      const current = records.current()
      if (current > launch)
        throw new Error(`launch ${launch} of ${instance} is over: there is launch ${current}`)
      const isAlive = current === launch && (await records.look(launch)).name === 'alive'
      if (!isAlive) {
        await stop(instance)
        await directories.linkCli(resolve(options.cli))
        await worktrees.ensure(paths(instance).workspace)
        await directories.prepare(order, place(instance))
        await records.prepare(launch)
      }
      await launches.expect(instance, launch)
    },

    logins: directories.logins,

    replaceCredential: (instance, environment) =>
      directories.replaceCredential(instance, environment),

    ensureStopped: stop,

    async listRunning() {
      const running: RunningInstance[] = []
      for (const instance of await directories.list()) {
        const launch = await launches.look(instance)
        if (launch !== null) await directories.logins.follow(instance)
        if (launch !== null) running.push({ instance, launch })
      }
      return running
    },

    placeOf: () => null,

    terminalCommand(instance) {
      const { records, settings } = paths(instance)
      const variables = Object.entries(environmentOf(instance)).map(
        ([name, value]) => `${name}=${value}`,
      )
      return [
        'env',
        '-i',
        ...variables,
        'sh',
        runAgent,
        records,
        String(recordsOf(instance).current()),
        settings,
        tools,
      ]
    },

    run(instance, [tool = '', ...words]) {
      const directory = paths(instance).workspace
      return runCommand({
        argv: [join(tools, tool), ...words],
        directory,
        environment: environmentOf(instance),
        timeoutMs: TOOL_TIMEOUT_MS,
      })
    },

    uploadPack: (instance) => ['git-upload-pack', paths(instance).workspace],

    async salvage(instance, task) {
      const { workspace } = paths(instance)
      if (!(await isThere(join(workspace, '.git')))) return null
      const uploadPack = [
        'env',
        '-i',
        `PATH=${PATH}`,
        `HOME=${paths(instance).home}`,
        join(tools, 'salvage'),
        workspace,
        task,
      ]
      return { uploadPack, [Symbol.asyncDispose]: () => Promise.resolve() }
    },

    status: (instance) => launches.vitals.status(instance),

    watch: (listener) => launches.vitals.listen(listener),

    async check(commit, commands, timeoutMs) {
      const directory = await mkdtemp(join(stateDirectory, 'check-'))
      const argv = [
        'sh',
        '-ec',
        checkScript,
        'check',
        hub,
        join(directory, 'tree'),
        commit,
        ...commands,
      ]
      const environment = { PATH, HOME: directory, LANG: 'C.UTF-8', TZ: 'UTC' }
      try {
        return await runWatched({ argv, directory, environment, timeoutMs }, LARGEST_CHECK_OUTPUT)
      } finally {
        await rm(directory, { recursive: true, force: true })
      }
    },

    async ensureAllStopped() {
      for (const instance of await directories.list()) await stop(instance)
    },
  }
}
