import { chmod, chown, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { findEngine } from '../../../src/adapters/docker/engine.ts'
import { containerUser } from '../../../src/adapters/docker/host.ts'
import { containerOptions, inside, onlyHub } from '../../../src/adapters/docker/template.ts'
import { answerQuestions } from '../../../src/claude/launch/state-file.ts'
import { sessionFiles, sessionsDirectory } from '../../../src/claude/observe/session.ts'
import { settingsSchema } from '../../../src/config/schema.ts'
import type { rawLaunch } from './raw-launch.ts'

/** The defaults of the product: its image, its model, its limits. */
export const defaults = settingsSchema.parse({
  repositoryUrl: '/nowhere',
  workerCount: 1,
  claudeConfigs: '*',
})

const MiB = 2 ** 20

/** By this label a person finds what a killed bench left. */
const teamLabel = 'claude-code-orchestrator.bench'

export interface RawOrder {
  readonly team: string
  readonly name: string
  /** On this machine: the repository, and a directory for what is the instance's own. */
  readonly hub: string
  readonly directory: string
  readonly credential: Readonly<Record<string, string>>
  readonly launch: ReturnType<typeof rawLaunch>
  /** What runs behind the clone, with Claude Code's arguments as `$@`. */
  readonly script: string
}

/** How often Claude Code's own status is read. It appears within some milliseconds of a change. */
const lookEveryMs = 10

/** Claude Code in a container like those of the product, with a terminal that is written to. */
export async function startRaw(order: RawOrder) {
  const { api } = findEngine()
  const mounts = await prepare(order)
  const began = performance.now()
  const { memoryMb, cpus, pids, diskMb } = defaults.limits
  const container = await api.createContainer(
    containerOptions({
      name: `bench-${order.team}-${order.name}`,
      image: defaults.image,
      labels: { [teamLabel]: order.team },
      user: containerUser(),
      limits: { memoryBytes: memoryMb * MiB, cpus, pids, diskBytes: diskMb * MiB },
      isolation: 'default',
      network: 'bridge',
      command: [
        'tini',
        '-g',
        '--',
        'sh',
        '-c',
        clone + order.script,
        'sh',
        ...order.launch.arguments,
      ],
      variables: order.launch.variables,
      isPipe: false,
      mounts: { ...onlyHub(order.hub), ...mounts },
      hasOwnDisk: false,
    }),
  )
  const terminal = await container.attach({ stream: true, stdin: true, stdout: true, hijack: true })
  // What is on the screen is not needed, but an unread terminal stops.
  terminal.resume()
  await container.start()
  await container.resize({ h: 50, w: 200 })
  const status = await statusIn(join(mounts.home, '.claude', sessionsDirectory))

  return {
    name: order.name,
    /** When its container was asked for, in milliseconds of `performance.now`. */
    began,
    workspace: mounts.workspace,
    async untilIdle(signal: AbortSignal): Promise<number> {
      while ((await status()) !== 'idle') await delay(lookEveryMs, undefined, { signal })
      return performance.now()
    },
    /** As a terminal brackets what is pasted; then Enter. */
    type(line: string): void {
      terminal.write(`\u001b[200~${line}\u001b[201~`)
      terminal.write('\r')
    },
    press: (): boolean => terminal.write('\r'),
  }
}

/** Removes all containers of a team, also those whose start failed. */
export async function removeTeam(team: string): Promise<void> {
  const { api } = findEngine()
  const filters = { label: [`${teamLabel}=${team}`] }
  const found = await api.listContainers({ all: true, filters })
  await Promise.all(found.map(({ Id }) => api.getContainer(Id).remove({ force: true, v: true })))
}

export type RawInstance = Awaited<ReturnType<typeof startRaw>>

const clone = `cd ${inside.workspace} && git clone --quiet --shared --branch main -- ${inside.hub} . && `

async function prepare({ directory, credential, launch }: RawOrder) {
  const { uid, gid } = containerUser()
  const made = { settings: '', home: '', workspace: '' }
  for (const name of ['settings', 'home', 'workspace'] as const) {
    made[name] = join(directory, name)
    await mkdir(made[name], { recursive: true })
    await chown(made[name], uid, gid)
  }
  const dropIns = join(made.settings, 'managed-settings.d')
  await mkdir(dropIns)
  for (const [name, text] of Object.entries(launch.settings)) {
    await writeFile(join(dropIns, name), text)
    await chmod(join(dropIns, name), 0o644)
  }
  const state = join(made.home, '.claude.json')
  await writeFile(state, answerQuestions(null, inside.workspace, credential))
  await chown(state, uid, gid)
  return made
}

async function statusIn(directory: string) {
  const files = sessionFiles(0)
  return async () => {
    const names = (await readdir(directory).catch(() => [])).filter(files.isWanted)
    const found = await Promise.all(
      names.map(async (name) => ({
        text: await readFile(join(directory, name), 'utf8').catch(() => ''),
        modifiedMs: await stat(join(directory, name)).then(
          ({ mtimeMs }) => mtimeMs,
          () => 0,
        ),
      })),
    )
    return files.read(found)
  }
}
