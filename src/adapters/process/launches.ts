import type { InstanceId, Launch } from '../../core/ids.ts'
import { sessionFiles } from '../../claude/session.ts'
import { FollowedDirectories } from '../../lib/followed-directories.ts'
import { VitalSigns } from '../../lib/vital-signs.ts'
import type { AgentStatus } from '../../ports/runtime.ts'
import { progressOf } from './records.ts'
import type { Records } from './records.ts'

interface Places {
  readonly recordsOf: (instance: InstanceId) => Records
  readonly sessionsOf: (instance: InstanceId) => string
}

/** Compares the launches that we expect to live with the records that their terminals write. */
export function createLaunches({ recordsOf, sessionsOf }: Places) {
  const vitals = new VitalSigns<InstanceId, AgentStatus>()

  /** Answers the launch if it is alive. Follows what a living agent says; tells of the end of one that was expected to live. */
  const examine = async (instance: InstanceId): Promise<Launch | null> => {
    const launch = vitals.launchOf(instance)
    if (launch === null) return null
    const records = recordsOf(instance)
    const agent = await records.agent(launch)
    if (agent !== null) {
      if (!vitals.isFollowed(instance)) await vitals.follow(instance, sessionsOf(instance), sessionFiles(agent.begunAtMs))
      return launch
    }
    const exitCode = await records.exitCode(launch)
    if (exitCode !== null) vitals.reportDeath(instance, launch, `exit code ${exitCode}`)
    else if (await records.hasBegun(launch)) vitals.reportDeath(instance, launch, 'killed, and its terminal with it')
    return null
  }

  const progress = new FollowedDirectories<InstanceId, string>((instance) => void examine(instance))

  const expect = async (instance: InstanceId, launch: Launch): Promise<void> => {
    if (vitals.launchOf(instance) === launch) return
    vitals.expectEnd(instance)
    vitals.expectLife(instance, launch)
    await progress.follow(instance, recordsOf(instance).directory, progressOf(launch))
  }

  return {
    vitals,
    expect,

    /** Answers the launch that is alive, be it one that was started before this server. */
    async look(instance: InstanceId): Promise<Launch | null> {
      const records = recordsOf(instance)
      const current = records.current()
      if (vitals.launchOf(instance) === null && (await records.agent(current)) !== null) await expect(instance, current)
      return examine(instance)
    },

    forget(instance: InstanceId): void {
      vitals.expectEnd(instance)
      progress.unfollow(instance)
    },
  }
}
