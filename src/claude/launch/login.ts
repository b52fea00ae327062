import { z } from 'zod'

/** The login in Claude Code's configuration. Read at every request, and renewed by rename. */
export const loginFile = '.credentials.json'

/** Bytes; a real file has less than one KiB. */
export const LARGEST_LOGIN = 16 * 1024

/** The parts that a renewal replaces; access tokens last for hours. */
export interface Login {
  readonly accessToken: string
  /** Works once: it is exchanged for a new login with the next refresh token. */
  readonly refreshToken: string
  /** Milliseconds since the epoch; 0 when the file does not say. */
  readonly expiresAt: number
  /** The file, in one line. */
  readonly text: string
}

const tokenShape = z
  .string()
  .max(4096)
  .regex(/^[\x21-\x7e]+$/)
const expiryShape = z.number().int().nonnegative()
const fileShape = z.looseObject({
  claudeAiOauth: z.looseObject({
    accessToken: tokenShape,
    refreshToken: tokenShape,
    expiresAt: expiryShape.nullish(),
    refreshTokenExpiresAt: expiryShape.optional(),
    /** Without this scope Claude Code is not logged in. Measured with 2.1.328. */
    scopes: z.array(z.string()).refine((scopes) => scopes.includes('user:inference')),
  }),
})

/** Reads `.credentials.json`; null without a refresh token or the scope to use the model. */
export function readLogin(text: string): Login | null {
  const file = parse(text)
  return file === null ? null : loginOf(file)
}

/**
 * Longer than any issued token lasts. Without a limit, a hostile instance could claim an expiry
 * that no real renewal exceeds.
 */
const LONGEST_MS = 366 * 24 * 3_600_000

/**
 * The login as an instance has renewed it, or why it is refused. Only tokens and their times are
 * taken from the instance; the rest of the file stays the operator's.
 */
export function renewed(
  known: Login,
  text: string,
  now: number,
): { readonly login: Login } | { readonly objection: string } {
  const file = parse(known.text)
  const offered = parse(text)?.claudeAiOauth
  if (file === null || offered === undefined) return { objection: 'is not a login' }
  const { accessToken, refreshToken, expiresAt, refreshTokenExpiresAt } = offered
  if (typeof expiresAt !== 'number' || expiresAt <= now) return { objection: 'has expired already' }
  if (expiresAt > now + LONGEST_MS) return { objection: 'claims to be good for more than a year' }
  if (expiresAt <= known.expiresAt) return { objection: 'is older than the one that is known' }
  const times =
    refreshTokenExpiresAt === undefined ? { expiresAt } : { expiresAt, refreshTokenExpiresAt }
  return {
    login: loginOf({
      ...file,
      claudeAiOauth: { ...file.claudeAiOauth, accessToken, refreshToken, ...times },
    }),
  }
}

export const isSameLogin = (one: Login, other: Login): boolean =>
  one.accessToken === other.accessToken && one.refreshToken === other.refreshToken

function loginOf(file: z.output<typeof fileShape>): Login {
  const { accessToken, refreshToken, expiresAt } = file.claudeAiOauth
  return { accessToken, refreshToken, expiresAt: expiresAt ?? 0, text: JSON.stringify(file) }
}

function parse(text: string): z.output<typeof fileShape> | null {
  try {
    return fileShape.parse(JSON.parse(text))
  } catch {
    return null
  }
}
