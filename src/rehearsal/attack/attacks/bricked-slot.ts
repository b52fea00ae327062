import type { Attack } from '../stage/attack.ts'
import { backAtWork, endLaunch } from '../stage/launches.ts'

/** What the server, Claude Code and its hooks write in the home at every launch. */
const paths = [
  '.claude.json',
  '.claude/.credentials.json',
  '.claude/settings.json',
  '.orchestrator/outbox/append.lock',
  '.orchestrator/outbox/post.lock',
  '.orchestrator/outbox/sequence',
]

/** A server that is not root has the same user, who then lacks these rights as well. */
const takeRights =
  'cd && mkdir -p .claude/projects && rm -rf .claude/sessions && ' +
  'chmod 500 .claude/projects .claude && chmod 000 /workspace "$PWD"'

/**
 * Without a fresh home, directories in the outbox end every hook of every later launch; what the
 * server itself writes would replace a directory all the same.
 */
export const brickedSlot: Attack = {
  id: 'bricked-slot',
  from: 'a worker',
  tries: 'puts directories where its next launch needs files, or closes its own, and ends itself',
  world: 'sealed',
  disarmedBy: [
    {
      file: 'src/adapters/docker/directories.ts',
      find: 'await freshHome(path(order.instance), owner, kept, onProblem)',
      replace: 'await Promise.resolve()',
    },
  ],
  async run(stage) {
    const { attacker } = stage
    await attacker.output(
      `cd && for path in ${paths.join(' ')}; do rm -rf $path && mkdir -p $path/full; done`,
    )
    for (const lastAct of [':', takeRights]) {
      const launch = await endLaunch(stage, attacker, lastAct)
      const reason = await backAtWork(stage, attacker, launch)
      if (reason !== null) return [`a worker whose launches fail: ${reason}`]
    }
    return []
  },
}
