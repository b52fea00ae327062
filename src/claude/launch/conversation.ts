import { z } from 'zod'

/** Where, in its configuration, Claude Code keeps the conversations it had in a directory: under the path without anything but letters and digits. */
export function conversationsOf(directory: string): string {
  return `projects/${directory.replaceAll(/[^A-Za-z0-9]/g, '-')}`
}

export const isConversationFile = (name: string): boolean => name.endsWith('.jsonl')

/** Bytes of a conversation file within which somebody has spoken. */
export const BEGINNING = 256 * 1024

const lineShape = z.looseObject({
  type: z.enum(['user', 'assistant']),
  isSidechain: z.literal(false).optional(),
})

/**
 * Whether a conversation that begins like this can be continued: a Claude Code that was killed early leaves a file in which nobody has said
 * anything, and `--continue` ends at once when it finds nothing better.
 */
export function canBeContinued(beginning: string): boolean {
  return beginning.split('\n').some(isSaid)
}

function isSaid(line: string): boolean {
  try {
    return lineShape.safeParse(JSON.parse(line)).success
  } catch {
    return false
  }
}
