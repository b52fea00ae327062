import type { InstanceId, Launch } from '../../core/model/ids.ts'
import { sessionFiles } from '../../claude/observe/session.ts'
import { FollowedDirectories } from '../../hosting/followed-directories.ts'
import type { UntrustedDirectory } from '../../hosting/untrusted-file.ts'
import { Liveness } from '../../hosting/liveness.ts'
import type { AgentStatus } from '../../ports/instances.ts'
import { progressOf, type Records } from './records.ts'

interface Places {
  readonly recordsOf: (instance: InstanceId) => Records
  readonly sessionsOf: (instance: InstanceId) => UntrustedDirectory
}

/** Compares the launches that should be alive with the records that their terminals write. */
export function createLaunches({ recordsOf, sessionsOf }: Places) {
  const liveness = new Liveness<InstanceId, AgentStatus>()

  /**
   * Returns the launch if it is alive and follows its agent's status; reports the end of a launch
   * that should be alive.
   */
  const examine = async (instance: InstanceId): Promise<Launch | null> => {
    const launch = liveness.launchOf(instance)
    if (launch === null) return null
    const state = await recordsOf(instance).look(launch)
    switch (state.name) {
      case 'not begun':
        return null
      case 'alive':
        if (liveness.isFollowed(instance)) await liveness.look(instance)
        else await liveness.follow(instance, sessionsOf(instance), sessionFiles(state.begunAtMs))
        return launch
      case 'over':
        liveness.reportDeath(instance, launch, state.cause)
        return null
    }
  }

  const progress = new FollowedDirectories<InstanceId, string>((instance) => void examine(instance))

  const expect = async (instance: InstanceId, launch: Launch): Promise<void> => {
    if (liveness.launchOf(instance) === launch) return
    liveness.expectEnd(instance)
    liveness.expectLife(instance, launch)
    await progress.follow(instance, recordsOf(instance).directory, progressOf(launch))
  }

  return {
    liveness,
    expect,

    /** Returns the launch that is alive, even one that an earlier server started. */
    async look(instance: InstanceId): Promise<Launch | null> {
      const records = recordsOf(instance)
      const current = records.current()
      if (liveness.launchOf(instance) === null && (await records.look(current)).name === 'alive')
        await expect(instance, current)
      return examine(instance)
    },

    forget(instance: InstanceId): void {
      liveness.expectEnd(instance)
      progress.unfollow(instance)
    },
  }
}
