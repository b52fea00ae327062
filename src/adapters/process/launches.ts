import type { InstanceId, Launch } from '../../core/model/ids.ts'
import { sessionFiles } from '../../claude/observe/session.ts'
import { FollowedDirectories } from '../../hosting/followed-directories.ts'
import { Liveness } from '../../hosting/liveness.ts'
import type { AgentStatus } from '../../ports/runtime.ts'
import { progressOf, type Records } from './records.ts'

interface Places {
  readonly recordsOf: (instance: InstanceId) => Records
  readonly sessionsOf: (instance: InstanceId) => string
}

/** Compares the launches that we expect to live with the records that their terminals write. */
export function createLaunches({ recordsOf, sessionsOf }: Places) {
  const vitals = new Liveness<InstanceId, AgentStatus>()

  /** Answers the launch if it is alive. Follows what a living agent says; tells of the end of one that was expected to live. */
  const examine = async (instance: InstanceId): Promise<Launch | null> => {
    const launch = vitals.launchOf(instance)
    if (launch === null) return null
    const fate = await recordsOf(instance).look(launch)
    switch (fate.name) {
      case 'not begun':
        return null
      case 'alive':
        if (!vitals.isFollowed(instance))
          await vitals.follow(instance, sessionsOf(instance), sessionFiles(fate.begunAtMs))
        return launch
      case 'over':
        vitals.reportDeath(instance, launch, fate.cause)
        return null
    }
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
      if (vitals.launchOf(instance) === null && (await records.look(current)).name === 'alive')
        await expect(instance, current)
      return examine(instance)
    },

    forget(instance: InstanceId): void {
      vitals.expectEnd(instance)
      progress.unfollow(instance)
    },
  }
}
