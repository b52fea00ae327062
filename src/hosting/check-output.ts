import { randomUUID } from 'node:crypto'
import { createTail } from '../lib/bounded-text.ts'
import type { CheckOutcome, CheckWatch } from '../ports/checks.ts'

/** Bytes of the end of what the commands print that are kept. */
const largestCheckOutput = 16 * 1024

/** A place has at most two digits; the commands are at most 50. */
const longestPlace = 2

/**
 * A line that announces each command begins with it. A command can read it from its parent's
 * arguments and print it, which misleads the blame for its own failure only.
 */
export const newMarker = (): string => `\u001e${randomUUID()} `

/** Follows what the script of the checks prints: which command runs, and the end of the output. */
export function followChecks(
  commands: readonly string[],
  marker: string,
  watch: CheckWatch = () => undefined,
) {
  const tail = createTail(largestCheckOutput)
  const sign = Buffer.from(marker)
  let pending = Buffer.alloc(0)
  let position: number | null = null

  /** Takes the announcements out; what may be the begin of one stays in `pending`. */
  const take = (): void => {
    for (;;) {
      const at = pending.indexOf(sign)
      if (at === -1) break
      const end = pending.indexOf('\n', at)
      if (end === -1 && pending.length - at <= sign.length + longestPlace + 1) break
      tail.push(pending.subarray(0, at))
      if (end === -1) {
        pending = pending.subarray(at + sign.length)
        continue
      }
      const place = Number(pending.subarray(at + sign.length, end).toString())
      const command = commands[place]
      if (command !== undefined) {
        position = place
        tail.push(Buffer.from(`$ ${command}\n`))
      }
      pending = pending.subarray(end + 1)
    }
    const begin = pending.lastIndexOf(sign[0] ?? 0)
    const mayGrow = begin !== -1 && pending.length - begin <= sign.length + longestPlace + 1
    const plain = mayGrow ? begin : pending.length
    tail.push(pending.subarray(0, plain))
    pending = pending.subarray(plain)
  }

  return {
    push(chunk: Buffer): void {
      pending = Buffer.concat([pending, chunk])
      take()
      watch(position, tail.text)
    },
    /** Throws when no command began: that is no verdict on the commit. */
    outcome(ok: boolean, note = ''): CheckOutcome {
      tail.push(pending)
      const output = tail.text().replaceAll('\r\n', '\n') + note
      if (ok) return { ok, output }
      if (position === null)
        throw new Error(`the checks could not begin: ${output.trim() || 'nothing was printed'}`)
      return { ok, output, position }
    },
  }
}
