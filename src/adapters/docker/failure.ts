import { z } from 'zod'
import { Unreachable } from '../../ports/unreachable.ts'

const statusShape = z.object({ statusCode: z.number() })
const codeShape = z.object({ code: z.string() })

export const isNotFound = (error: unknown): boolean => hasStatus(error, 404)
export const isConflict = (error: unknown): boolean => hasStatus(error, 409)

/** Other conflicts say that a container cannot be removed as it is. */
export const isBeingRemoved = (error: unknown): boolean =>
  isConflict(error) && error instanceof Error && /already in progress/.test(error.message)

/** The requested state is already there. */
export const isUnchanged = (error: unknown): boolean => hasStatus(error, 304)

/** Names what failed and, if the engine is the cause, the remedy. */
export function engineFailure(action: string, error: unknown, address: string): Error {
  const code = codeOf(error)
  const why = remedies(address)[code]
  const message = why === undefined ? `${action} failed` : `${action} failed: ${why}`
  return unanswered.has(code)
    ? new Unreachable(message, { cause: error })
    : new Error(message, { cause: error })
}

/** The engine is not there, or went away before it answered. */
const unanswered = new Set(['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT'])

function remedies(address: string): Readonly<Record<string, string>> {
  const absent =
    `no Docker engine answers at ${address}. Start it (sudo systemctl start ` +
    'docker), or set "runtime": "process"'
  const hanging =
    `the Docker engine does not answer at ${address}. Look at its log (journalctl -u docker); ` +
    'if it hangs, restart it (sudo systemctl restart docker)'
  return {
    ENOENT: absent,
    ECONNREFUSED: absent,
    ECONNRESET: hanging,
    ETIMEDOUT: hanging,
    EACCES:
      `this user may not use the Docker engine at ${address}. Run: sudo usermod -aG ` +
      'docker "$USER", then log in again',
  }
}

function hasStatus(error: unknown, status: number): boolean {
  const { data } = statusShape.safeParse(error)
  return data?.statusCode === status
}

function codeOf(error: unknown): string {
  return codeShape.safeParse(error).data?.code ?? ''
}
