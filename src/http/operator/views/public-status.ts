import type { PublicStatusView } from '../../contract/public-status.ts'
import type { StatusView } from '../../contract/status.ts'

/** The part of a status that every user of this machine may read. */
export function publicPart(status: StatusView): PublicStatusView {
  const { run, instances, tasks, merges, credentials, state, terminals } = status
  return {
    run: { id: run.id, phase: run.phase, since: run.since },
    instances: instances.map(({ id, role, phase, since }) => ({ id, role, phase, since })),
    counts: { tasks: countByPhase(tasks), merges: countByPhase(merges) },
    needs: {
      run: needing([run]),
      instances: needing(instances),
      tasks: needing(tasks),
      credentials: needing(credentials),
      state: needing([state]),
    },
    terminals: { socket: terminals.socket },
    hint:
      'titles, questions, reasons and credentials are shown to a token: ' +
      'Authorization: Bearer <content of reader-token in the state directory>',
  }
}

function countByPhase<Phase extends string>(
  entries: readonly { readonly phase: Phase }[],
): Partial<Record<Phase, number>> {
  const counts: Partial<Record<Phase, number>> = {}
  for (const { phase } of entries) counts[phase] = (counts[phase] ?? 0) + 1
  return counts
}

const needing = (entries: readonly { readonly needs: string | null }[]): number =>
  entries.filter(({ needs }) => needs !== null).length
