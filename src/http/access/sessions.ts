import { createHash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { parseJson } from '../../lib/parse-json.ts'
import { reasonOf } from '../../lib/reason.ts'
import type { Log } from '../../ports/log.ts'
import type { Role, Tokens } from './tokens.ts'

/** After so long without use a session is over. */
export const sessionMs = 30 * 24 * 60 * 60_000
/** A session in use is not written more often than that. */
const renewalMs = 60 * 60_000
/** Of each role: a reader cannot push out an operator by logging in again and again. */
export const mostOfRole = 128

/** Where sessions outlive the server. */
export interface SessionFile {
  /** Null when there is none; throws when it cannot be read. */
  read(): string | null
  /**
   * Replaces it as a whole, and answers null. What cannot be replaced is deleted, so that nothing
   * old comes back: then it answers why. Throws when neither works.
   */
  write(text: string): Error | null
}

export interface Session {
  /** The hash of the cookie's value, in hexadecimal. */
  readonly id: string
  readonly role: Role
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

interface SessionDeps extends Tokens {
  readonly file: SessionFile
  readonly now: () => number
  readonly log: Log
}

interface Kept {
  readonly id: string
  /** Of the token with which it was made. */
  readonly tokenHash: string
  readonly renewedAt: number
}

/**
 * The logins of browsers. Only hashes are kept, of the cookies and of the tokens that made them; a
 * session has the role of its token, and ends when its token is no longer one of the server's.
 */
export class Sessions {
  /** The one used last is the last one. */
  readonly #kept = new Map<string, Kept>()
  readonly #roles: ReadonlyMap<string, Role>
  readonly #deps: SessionDeps
  #isUnwritten = false

  constructor(deps: SessionDeps) {
    this.#deps = deps
    this.#roles = new Map([
      [hashOf(deps.readerToken), 'reader'],
      [hashOf(deps.operatorToken), 'operator'],
    ])
    for (const session of read(deps)) this.#kept.set(session.id, session)
    this.#removeOld()
  }

  /** Begins a session; answers it with the value of its cookie, which is kept nowhere. */
  open(role: Role): { readonly session: Session; readonly value: string } {
    const { now, operatorToken, readerToken } = this.#deps
    const value = randomBytes(32).toString('base64url')
    const id = hashOf(value)
    const tokenHash = hashOf({ operator: operatorToken, reader: readerToken }[role])
    this.#kept.set(id, { id, tokenHash, renewedAt: now() })
    this.#removeOld()
    this.#write()
    return { session: { id, role, expiresAt: now() + sessionMs }, value }
  }

  /** The session with this cookie, which counts as used; null when there is none. */
  find(value: string): Session | null {
    const session = this.#look(hashOf(value))
    const kept = session === null ? undefined : this.#kept.get(session.id)
    if (kept === undefined) return null
    this.#kept.delete(kept.id)
    this.#kept.set(kept.id, kept)
    return session
  }

  isOpen(id: string): boolean {
    return this.#look(id) !== null
  }

  /** Begins its 30 days from now on; false when that happened within the last hour. */
  renew(id: string): boolean {
    const kept = this.#kept.get(id)
    const now = this.#deps.now()
    if (kept === undefined || now - kept.renewedAt < renewalMs) return false
    this.#kept.set(id, { ...kept, renewedAt: now })
    this.#write()
    return true
  }

  /** False when it may come back with the next start: the file could not be changed. */
  end(id: string): boolean {
    return !this.#kept.delete(id) || this.#write()
  }

  /** The same of all. */
  endAll(): boolean {
    this.#kept.clear()
    return this.#write()
  }

  #look(id: string): Session | null {
    const kept = this.#kept.get(id)
    const role = kept && this.#roles.get(kept.tokenHash)
    if (kept === undefined || role === undefined) return null
    const expiresAt = kept.renewedAt + sessionMs
    return this.#deps.now() < expiresAt ? { id, role, expiresAt } : null
  }

  /** What is over, and of each role the one unused for longest when there are too many. */
  #removeOld(): void {
    const left: Record<Role, number> = { reader: mostOfRole, operator: mostOfRole }
    for (const id of [...this.#kept.keys()].toReversed()) {
      const role = this.#look(id)?.role
      if (role === undefined || left[role] === 0) this.#kept.delete(id)
      else left[role] -= 1
    }
  }

  /** False when the file is as it was. Without it, the sessions last as long as the server. */
  #write(): boolean {
    const text = `${JSON.stringify({ sessions: [...this.#kept.values()] }, null, 2)}\n`
    try {
      this.#note(this.#deps.file.write(text))
      return true
    } catch (error) {
      this.#note(error)
      return false
    }
  }

  /** Once, until it works again. */
  #note(problem: unknown): void {
    if (problem !== null && !this.#isUnwritten)
      this.#deps.log.warn(
        { reason: reasonOf(problem) },
        'the logins of browsers end with this server',
      )
    this.#isUnwritten = problem !== null
  }
}

/** One that is damaged has no session; browsers log in again. */
function read({ file, log }: SessionDeps): readonly Kept[] {
  try {
    const text = file.read()
    return text === null ? [] : kept.parse(parseJson(text)).sessions
  } catch (error) {
    const reason = error instanceof z.ZodError ? 'it has another form' : reasonOf(error)
    log.warn({ reason }, 'the file of logins cannot be read, so that all browsers log in again')
    return []
  }
}

const hash = z.string().regex(/^[0-9a-f]{64}$/)
const kept = z.strictObject({
  sessions: z.array(
    z.strictObject({ id: hash, tokenHash: hash, renewedAt: z.int().nonnegative() }),
  ),
})

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')
