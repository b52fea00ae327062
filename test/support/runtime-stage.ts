import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createDockerRuntime, type DockerOptions } from '../../src/adapters/docker/runtime.ts'
import { createProcessRuntime } from '../../src/adapters/process/runtime.ts'
import { createTmuxTerminals } from '../../src/adapters/tmux/terminals.ts'
import { CredentialId, InstanceId, RunId } from '../../src/core/model/ids.ts'
import type { LaunchOrder } from '../../src/ports/instances.ts'
import type { LaunchSockets } from '../../src/ports/launch-sockets.ts'
import type { Runtime } from '../../src/ports/runtime.ts'
import { type GitBeside, gitBeside } from './git-beside.ts'
import { renewLogin } from './renew-login.ts'

const execute = promisify(execFile)

export const workerImage = 'claude-code-orchestrator-worker:2.1.328'

export const worker1 = InstanceId('worker-1')
export const worker2 = InstanceId('worker-2')

/** A launch of `worker-1` for which no model is ever reached, and how it differs. */
export const anOrder = (changes: Partial<LaunchOrder> = {}): LaunchOrder => ({
  instance: worker1,
  role: 'worker',
  number: 1,
  launch: 1,
  totalWorkers: 2,
  token: 'launch-token-canary',
  credential: CredentialId('a'),
  credentialEnvironment: {
    ANTHROPIC_AUTH_TOKEN: 'credential-canary',
    ANTHROPIC_BASE_URL: 'http://127.0.0.1:9',
  },
  login: null,
  tellsUsage: false,
  resume: false,
  ...changes,
})

/** A state directory with a hub of one commit, its own terminals and a name of its own. */
export async function openRuntimeStage(
  files: Readonly<Record<string, string>> = { 'README.md': 'hello\n' },
) {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'runtime-')))
  const hub = join(directory, 'hub.git')
  const seed = join(directory, 'seed')
  const git = (...words: string[]) =>
    execute(
      'git',
      ['-c', 'user.name=T', '-c', 'user.email=t@example.com', '-C', directory, ...words],
      { env: gitEnvironment },
    )
  await git('init', '--quiet', '--initial-branch=main', seed)
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(seed, path, '..'), { recursive: true })
    await writeFile(join(seed, path), text, { mode: text.startsWith('#!') ? 0o755 : 0o644 })
  }
  await git('-C', seed, 'add', '--all')
  await git('-C', seed, 'commit', '--quiet', '--message=Begin')
  await git('clone', '--quiet', '--bare', seed, hub)
  const head = (await git('-C', hub, 'rev-parse', 'main')).stdout.trim()
  const run = RunId(`test-${Math.random().toString(36).slice(2, 10)}`)
  const socket = `orchestrator-${run}`

  return {
    directory,
    hub,
    head,
    run,
    terminals: createTmuxTerminals({ socket, logDirectory: join(directory, 'logs') }),
    async close(): Promise<void> {
      await execute('tmux', ['-L', socket, 'kill-server']).catch(() => undefined)
      await rm(join(process.env.TMUX_TMPDIR ?? '/tmp', `tmux-${process.getuid?.()}`, socket), {
        force: true,
      })
      // What ends with its terminal may still write its last words.
      await rm(directory, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

export type RuntimeStage = Awaited<ReturnType<typeof openRuntimeStage>>

/** What a test can do to an instance beside what the port can. */
export interface Subject extends GitBeside {
  readonly runtime: Runtime
  /** Opens the instance's terminal. */
  show(instance: InstanceId): Promise<void>
  /** What the agent's Claude Code does when it renews its login. */
  renew(instance: InstanceId, text: string): Promise<void>
  /** The runtime of a server that starts again with other tools or another image. */
  upgraded(): Promise<Runtime>
  /** Kills the agent, without a command of the server. */
  kill(instance: InstanceId): Promise<void>
  /** Writes a file into the instance's workspace. */
  leave(instance: InstanceId, path: string, text: string): Promise<void>
  close(): Promise<void>
}

interface Choices {
  readonly serverUrl?: () => string
  readonly environment?: Readonly<Record<string, string>>
  readonly checksReachNetwork?: boolean
  readonly sockets?: LaunchSockets | null
  readonly certificates?: readonly string[]
}

export const dockerOptions = (
  stage: RuntimeStage,
  {
    serverUrl = nowhere,
    environment = {},
    checksReachNetwork = false,
    sockets = null,
    certificates = [],
  }: Choices = {},
): DockerOptions => ({
  run: stage.run,
  stateDirectory: stage.directory,
  hub: stage.hub,
  targetBranch: 'main',
  image: workerImage,
  model: 'claude-sonnet-5-5',
  limits: { memoryBytes: 2 * 2 ** 30, cpus: 2, pids: 256, diskBytes: 2 ** 30 },
  isolation: 'default',
  environment,
  outward: nothingOutward,
  certificates,
  serverUrl,
  checksReachNetwork,
  sockets,
  onProblem: () => undefined,
})

export function dockerSubject(stage: RuntimeStage, choices: Choices = {}): Subject {
  const runtime = createDockerRuntime(dockerOptions(stage, choices))
  const images: string[] = []
  return {
    runtime,
    show: (instance) =>
      stage.terminals.ensureOpen(instance, runtime.instances.terminalCommand(instance)),
    renew: (instance, text) => renewLogin(stage.directory, instance, text),
    leave: (instance, path, text) => leave(stage, instance, path, text),
    ...gitBeside(stage.hub, gitEnvironment),
    async upgraded() {
      const image = `${workerImage}-${stage.run}`
      const build = execute('docker', ['build', '--quiet', '--tag', image, '-'])
      build.child.stdin?.end(`FROM ${workerImage}\nLABEL upgraded=${stage.run}\n`)
      await build
      images.push(image)
      return createDockerRuntime({ ...dockerOptions(stage, choices), image })
    },
    kill: async (instance) =>
      void (await execute('docker', ['kill', '--signal=KILL', containerOf(stage, instance)])),
    async close() {
      await runtime.instances.ensureAllStopped()
      for (const image of images) await execute('docker', ['rmi', '--force', image])
      await stage.close()
    },
  }
}

export const containerOf = ({ run }: RuntimeStage, instance: InstanceId): string =>
  `orchestrator-${run}-${instance}`

export function processSubject(
  stage: RuntimeStage,
  cli: string,
  { serverUrl = nowhere, environment = {} }: Choices = {},
): Subject {
  const options = {
    stateDirectory: stage.directory,
    hub: stage.hub,
    targetBranch: 'main',
    model: 'claude-sonnet-5-5',
    cli,
    environment,
    outward: nothingOutward,
    serverUrl,
  }
  const runtime = createProcessRuntime(options)
  return {
    runtime,
    show: (instance) =>
      stage.terminals.ensureOpen(instance, runtime.instances.terminalCommand(instance)),
    renew: (instance, text) => renewLogin(stage.directory, instance, text),
    leave: (instance, path, text) => leave(stage, instance, path, text),
    ...gitBeside(stage.hub, gitEnvironment),
    async upgraded() {
      const other = join(stage.directory, 'other-agent')
      await copyFile(cli, other)
      return createProcessRuntime({ ...options, cli: other })
    },
    kill: async (instance) => void process.kill(await pidOf(stage, instance), 'SIGKILL'),
    async close() {
      await runtime.instances.ensureAllStopped()
      await stage.close()
    },
  }
}

const leave = (
  { directory }: RuntimeStage,
  instance: InstanceId,
  path: string,
  text: string,
): Promise<void> => writeFile(join(directory, 'instances', instance, 'workspace', path), text)

/** The process of a host-native instance's agent. */
export async function pidOf({ directory }: RuntimeStage, instance: InstanceId): Promise<number> {
  const records = join(directory, 'instances', instance, 'launches')
  const launch = await readFile(join(records, 'current'), 'utf8')
  return Number((await readFile(join(records, `${launch}.begun`), 'utf8')).split(' ')[0])
}

const nothingOutward = { proxy: null, direct: [], certificates: null } as const

const nowhere = (): string => 'http://127.0.0.1:9'

const gitEnvironment = {
  PATH: process.env.PATH,
  HOME: tmpdir(),
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
}
