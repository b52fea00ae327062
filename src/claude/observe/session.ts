import { z } from 'zod'
import type { AgentStatus } from '../../ports/instances.ts'

/** Directory in Claude Code's configuration with a `<pid>.json` for every running session. */
export const sessionsDirectory = 'sessions'

const sessionShape = z.object({
  startedAt: z.number(),
  kind: z.literal('interactive'),
  status: z.enum(['idle', 'busy', 'waiting', 'shell']),
})

/**
 * How to read session files in a watched directory. `limit`: 64 KiB; a real one has less than one.
 */
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
 * The status of an instance's agent by its session files. Files from before `sinceMs` are left from
 * a killed launch. Of the others, the oldest is the agent's own: a Claude Code that the agent
 * started itself comes later.
 */
function statusOf(files: readonly SessionFile[], sinceMs: number): AgentStatus | null {
  const sessions = files
    .filter(({ modifiedMs }) => modifiedMs >= sinceMs)
    .flatMap(({ text }) => parse(text))
  const [oldest] = sessions.toSorted((one, other) => one.startedAt - other.startedAt)
  return oldest?.status ?? null
}

/** Empty for a file that is not of an interactive session: the instance can write any text. */
function parse(text: string): readonly z.output<typeof sessionShape>[] {
  try {
    return [sessionShape.parse(JSON.parse(text))]
  } catch {
    return []
  }
}
