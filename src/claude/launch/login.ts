import { z } from 'zod'

/** Where Claude Code keeps its login, in its configuration directory. Read again at every request, and renewed by rename. */
export const loginFile = '.credentials.json'

/** A real one has less than one KiB. Bytes. */
export const LARGEST_LOGIN = 16 * 1024

/** What a renewal replaces; access tokens last for hours. */
export interface Login {
  readonly accessToken: string
  /** Works once: it is exchanged for a new login, the next refresh token included. */
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
    /** Without this one Claude Code takes nobody for logged in. Measured with 2.1.328. */
    scopes: z.array(z.string()).refine((scopes) => scopes.includes('user:inference')),
  }),
})

/** The login that a `.credentials.json` holds; null when it has no refresh token, no right to use the model, or is none. */
export function readLogin(text: string): Login | null {
  const file = parse(text)
  return file === null ? null : loginOf(file)
}

/** Longer than anything that is issued: a hostile instance is not to say something that no true renewal could ever be newer than. */
const LONGEST_MS = 366 * 24 * 3_600_000

/**
 * The login as an instance has renewed it, or why it is none. Only the tokens and their times are taken over: whatever else an instance
 * writes, the file stays the operator's own.
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
