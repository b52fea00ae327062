import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

/** Bytes of the end of a transcript that are searched. */
const searchedBytes = 64 * 1024
/** The line is written at the same time as the hook fires, or just after. */
const tries = { count: 20, pauseMs: 20 }
/** Milliseconds by which the line may be older than the hook. */
const oldestMs = 5_000

type Fields = Readonly<Record<string, unknown>>

/**
 * The event with `resets_at`, in seconds since the epoch, when it is a failure at a used-up window.
 * The message about that names the reset to the minute; the transcript has the second. Any other
 * event, and one whose line is not found within 0.4 s, stays as it is.
 */
export async function withReset(body: Buffer): Promise<Buffer> {
  const event = parse(body.toString())
  const { last_assistant_message: words, transcript_path: transcript, agent_id: subagent } = event
  if (typeof words !== 'string' || !words.includes(' resets ') || subagent !== undefined)
    return body
  if (typeof transcript !== 'string') return body
  const since = Date.now() - oldestMs
  for (let left = tries.count; left > 0; left -= 1) {
    const reset = findReset(await endOf(transcript), words, since)
    if (reset !== null) return Buffer.from(JSON.stringify({ ...event, resets_at: reset }))
    await delay(tries.pauseMs)
  }
  return body
}

/** In the newest line with these words. */
function findReset(text: string, words: string, since: number): number | null {
  for (const line of text.split('\n').toReversed()) {
    if (!line.includes('"quotaLimits"')) continue
    const entry = parse(line)
    const { content } = (entry['message'] ?? {}) as Fields
    const says = Array.isArray(content) && content.some((part: Fields) => part['text'] === words)
    const at = Date.parse(String(entry['timestamp']))
    const { resetsAt } = (entry['quotaLimits'] ?? {}) as Fields
    if (says && at > since && typeof resetsAt === 'number') return resetsAt
  }
  return null
}

/** Empty for what is no file. */
async function endOf(path: string): Promise<string> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const { size } = await file.stat()
    const length = Math.min(size, searchedBytes)
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length)
    return buffer.toString()
  } catch {
    return ''
  }
}

function parse(text: string): Fields {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Fields) : {}
  } catch {
    return {}
  }
}
