import { z } from 'zod'

/** Directory of all conversations in Claude Code's configuration. */
export const conversations = 'projects'

/**
 * Directory in Claude Code's configuration of the conversations held in `directory`. Its name is
 * the path with `-` for everything but letters and digits.
 */
export function conversationsOf(directory: string): string {
  return `${conversations}/${directory.replaceAll(/[^A-Za-z0-9]/g, '-')}`
}

export const isConversationFile = (name: string): boolean => name.endsWith('.jsonl')

/** Bytes at the beginning of a conversation file that contain its first message. */
export const BEGINNING = 256 * 1024

const lineShape = z.looseObject({
  type: z.enum(['user', 'assistant']),
  isSidechain: z.literal(false).optional(),
})

/**
 * Whether a conversation file that begins like this can be continued. A Claude Code that is killed
 * early leaves a file without messages, and `--continue` exits at once when it finds no other.
 */
export function canBeContinued(beginning: string): boolean {
  return beginning.split('\n').some(isMessage)
}

function isMessage(line: string): boolean {
  try {
    return lineShape.safeParse(JSON.parse(line)).success
  } catch {
    return false
  }
}
