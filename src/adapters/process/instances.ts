import { join } from 'node:path'
import type { Place } from '../../claude/launch/place.ts'
import type { InstanceId } from '../../core/model/ids.ts'
import type { Instances, LaunchOrder, RunningInstance } from '../../ports/instances.ts'
import { outdatedBy } from '../../hosting/outdated.ts'
import { toolsDirectory } from '../../hosting/tools.ts'
import { recordNow } from './build.ts'
import { linkCli } from './cli.ts'
import { environmentOf, type ProcessHost, settingsVariable } from './host.ts'
import { createLaunches } from './launches.ts'
import { endProcesses, processesWith } from './processes.ts'
import { createRecords } from './records.ts'
import { createWorktrees } from './worktrees.ts'

interface Options {
  readonly targetBranch: string
  /** Asked at every launch. */
  readonly place: (instance: InstanceId) => Place
}

/** Claude Code runs its last hooks when it is asked to end. */
const END_GRACE_MS = 5_000

const runAgent = join(import.meta.dirname, 'run-agent.sh')

/**
 * One agent per instance. An agent needs a terminal, so its terminal runs it: it outlives the
 * server, but not the terminal, and is started again with its conversation after one was closed.
 */
export function createInstances(host: ProcessHost, { targetBranch, place }: Options): Instances {
  const { directories, hub, environment } = host
  const paths = directories.pathsOf
  const worktrees = createWorktrees({ hub, targetBranch, environment })
  const recordsOf = (instance: InstanceId) => createRecords(paths(instance).records)
  const launches = createLaunches({ recordsOf, sessionsOf: directories.sessions })

  const stop = async (instance: InstanceId): Promise<void> => {
    launches.forget(instance)
    await recordsOf(instance).close()
    const variable = `${settingsVariable}=${paths(instance).settings}`
    await endProcesses(() => processesWith(variable), END_GRACE_MS)
  }

  const prepare = async (order: LaunchOrder): Promise<void> => {
    const { instance, launch } = order
    await stop(instance)
    await linkCli(host)
    await worktrees.ensure(paths(instance).workspace)
    await directories.prepare(order, place(instance))
    await recordsOf(instance).prepare(launch, await recordNow(host.cli))
  }

  return {
    async ensureRunning(order) {
      const { instance, launch } = order
      const records = recordsOf(instance)
      const current = records.current()
      if (current > launch)
        throw new Error(`launch ${launch} of ${instance} is over: there is launch ${current}`)
      const isAlive = current === launch && (await records.look(launch)).name === 'alive'
      if (!isAlive) await prepare(order)
      await launches.expect(instance, launch)
    },

    ensureStopped: stop,

    async ensureAllStopped() {
      for (const instance of await directories.list()) await stop(instance)
    },

    async listRunning() {
      const running: RunningInstance[] = []
      const now = await recordNow(host.cli).catch(() => null)
      for (const instance of await directories.list()) {
        const launch = await launches.look(instance)
        if (launch === null) continue
        await directories.logins.follow(instance)
        const record = await recordsOf(instance).recordOf(launch)
        const outdated = outdatedBy(record, now, 'other tools or another Claude Code')
        running.push({ instance, launch, ...(outdated === null ? {} : { outdated }) })
      }
      return running
    },

    status: (instance) => launches.liveness.status(instance),

    watch: (listener) => launches.liveness.listen(listener),

    terminalCommand(instance) {
      const { records, settings } = paths(instance)
      const variables = Object.entries(environmentOf(host, instance)).map(
        ([name, value]) => `${name}=${value}`,
      )
      const launch = String(recordsOf(instance).current())
      return ['env', '-i', ...variables, 'sh', runAgent, records, launch, settings, toolsDirectory]
    },

    externalNameOf: () => null,
  }
}
