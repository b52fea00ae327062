import { z } from 'zod'
import type { AgentStatus } from '../../ports/instances.ts'

/** Claude Code keeps `<pid>.json` about every running session in this directory of its configuration. */
export const sessionsDirectory = 'sessions'

const sessionShape = z.object({
  startedAt: z.number(),
  kind: z.literal('interactive'),
  status: z.enum(['idle', 'busy', 'waiting', 'shell']),
})

/** How session files are to be read by whoever follows their directory; 64 KiB, where a real one has less than one. */
export const sessionFiles = (sinceMs: number) => ({
  isWanted: (name: string): boolean => /^\d{1,10}\.json$/.test(name),
  limit: 64 * 1024,
  read: (files: readonly SessionFile[]): AgentStatus | null => statusOf(files, sinceMs),
})

interface SessionFile {
  readonly text: string
  readonly modifiedMs: number
}

/**
 * The status of an instance's agent by its session files. Files of before `sinceMs` are left over from a killed launch; of the rest the
 * agent's own session is the oldest, since a Claude Code that it started itself came later.
 */
function statusOf(files: readonly SessionFile[], sinceMs: number): AgentStatus | null {
  const sessions = files
    .filter(({ modifiedMs }) => modifiedMs >= sinceMs)
    .flatMap(({ text }) => parse(text))
  const [oldest] = sessions.toSorted((one, other) => one.startedAt - other.startedAt)
  return oldest?.status ?? null
}

/** Nothing for what is not the file of an interactive session: the instance may have written anything there. */
function parse(text: string): readonly z.output<typeof sessionShape>[] {
  try {
    return [sessionShape.parse(JSON.parse(text))]
  } catch {
    return []
  }
}
