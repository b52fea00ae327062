import { z } from 'zod'
import { readLogin, type Login } from '../../claude/launch/login.ts'
import type { CredentialKind } from '../../ports/vault.ts'
import type { Refusal } from './read-file.ts'

export interface Recognised {
  readonly ok: true
  readonly kind: CredentialKind
  /** The variables that make Claude Code use the credential, including the secret. */
  readonly variables: Readonly<Record<string, string>>
  /** A login that renews itself, instead of a variable. */
  readonly login: Login | null
  /**
   * Milliseconds since the epoch; null when the file has none, and for a login, which is renewed.
   */
  readonly expiresAt: number | null
}

/** The variable that Claude Code reads for each kind; exactly one may be set. */
export const credentialVariables = {
  ANTHROPIC_API_KEY: 'api-key',
  ANTHROPIC_AUTH_TOKEN: 'auth-token',
  CLAUDE_CODE_OAUTH_TOKEN: 'oauth-token',
} as const satisfies Record<string, CredentialKind>

type CredentialVariable = keyof typeof credentialVariables
const credentialNames = Object.keys(credentialVariables) as readonly CredentialVariable[]

/** Reads a credential by its shape: a settings file with an `env` block, or a bare token. */
export function recognise(text: string): Recognised | Refusal {
  const trimmed = text.trim()
  return trimmed.startsWith('{') ? recogniseJson(trimmed) : recogniseToken(trimmed)
}

/** A login file holds milliseconds; a human is more likely to write a date. */
const expiryShape = z.union([
  z.number().positive(),
  z.iso.datetime({ offset: true }).transform(Date.parse),
  z.iso.date().transform(Date.parse),
])

const settingsShape = z.looseObject({
  env: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String)),
  expiresAt: expiryShape.nullish(),
})
const loginShape = z.looseObject({ claudeAiOauth: z.looseObject({}) })
const accessTokenShape = z.looseObject({
  claudeAiOauth: z.looseObject({
    accessToken: z.string(),
    refreshToken: z.null().optional(),
    expiresAt: expiryShape.nullish(),
  }),
})

function recogniseJson(text: string): Recognised | Refusal {
  const value = parsed(text)
  if (value === undefined)
    return refuse(
      'is not valid JSON',
      'correct it; a settings file reads {"env": {"ANTHROPIC_API_KEY": "…"}}',
    )
  if (loginShape.safeParse(value).success) return recogniseLogin(value)
  if (!z.looseObject({ expiresAt: expiryShape.nullish() }).safeParse(value).success)
    return refuse(
      'has an "expiresAt" that is no time',
      'write it as "2030-12-31T00:00:00Z" or in milliseconds since 1970',
    )
  const settings = settingsShape.safeParse(value)
  if (!settings.success)
    return refuse(
      'is not a credential that is known',
      `write {"env": {…}} with one of ${credentialNames.join(', ')}`,
    )
  return recogniseSettings(settings.data.env, settings.data.expiresAt ?? null)
}

/** A login without a refresh token is treated as a plain token. */
function recogniseLogin(value: unknown): Recognised | Refusal {
  const login = readLogin(JSON.stringify(value))
  if (login !== null) return { ok: true, kind: 'login', variables: {}, login, expiresAt: null }
  const token = accessTokenShape.safeParse(value)
  if (!token.success)
    return refuse(
      'is no whole login with the right to use the model (scope user:inference)',
      'log in again: CLAUDE_CONFIG_DIR=<directory of the file> claude',
    )
  const { accessToken, expiresAt } = token.data.claudeAiOauth
  const name = 'CLAUDE_CODE_OAUTH_TOKEN'
  return (
    objectionTo(accessToken, name) ?? {
      ok: true,
      kind: credentialVariables[name],
      variables: { [name]: accessToken },
      login: null,
      expiresAt: expiresAt ?? null,
    }
  )
}

function recogniseSettings(
  env: Readonly<Record<string, string>>,
  expiresAt: number | null,
): Recognised | Refusal {
  const present = credentialNames.filter((name) => (env[name] ?? '').trim() !== '')
  const [name, second] = present
  if (name === undefined)
    return refuse(`has no credential in its "env"`, `set one of ${credentialNames.join(', ')}`)
  if (second !== undefined)
    return refuse(
      `has more than one credential: ${present.join(' and ')}`,
      'keep one, and put the other into its own file',
    )
  const cloud = Object.keys(env).find(
    (variable) =>
      variable.startsWith('CLAUDE_CODE_USE_') && !/^(?:|0|false)$/i.test(env[variable] ?? ''),
  )
  if (cloud !== undefined)
    return refuse(
      `switches to another provider with ${cloud}`,
      'remove it: only the API, gateways that speak it, and setup tokens are known',
    )
  const secret = (env[name] ?? '').trim()
  return (
    objectionTo(secret, name) ?? {
      ok: true,
      kind: credentialVariables[name],
      variables: { ...providerVariables(env), [name]: secret },
      login: null,
      expiresAt,
    }
  )
}

/**
 * Settings that belong to the provider are kept with the credential; other settings of the file are
 * the operator's own and are ignored.
 */
function providerVariables(env: Readonly<Record<string, string>>): Record<string, string> {
  const names = Object.keys(env).filter(
    (name) => /^ANTHROPIC_|^API_TIMEOUT_MS$/.test(name) && !(name in credentialVariables),
  )
  return Object.fromEntries(names.map((name) => [name, env[name] ?? '']))
}

function recogniseToken(text: string): Recognised | Refusal {
  const name = variableFor(text)
  if (name === null) {
    return refuse(
      'is neither a settings file nor a token that is known',
      'put one token, sk-ant-api… or sk-ant-oat…, or {"env": {…}} into the file',
    )
  }
  return (
    objectionTo(text, name) ?? {
      ok: true,
      kind: credentialVariables[name],
      variables: { [name]: text },
      login: null,
      expiresAt: null,
    }
  )
}

function variableFor(token: string): CredentialVariable | null {
  if (token.startsWith('sk-ant-api')) return 'ANTHROPIC_API_KEY'
  return token.startsWith('sk-ant-oat') ? 'CLAUDE_CODE_OAUTH_TOKEN' : null
}

function objectionTo(secret: string, name: CredentialVariable): Refusal | null {
  if (/^<.*>$|(?:\.\.\.|…)$/.test(secret))
    return refuse('still holds a placeholder', 'put the real credential there')
  if (!/^[\x21-\x7e]+$/.test(secret))
    return refuse(
      'holds more than one line or word where the credential should be',
      'keep the credential alone',
    )
  const belongsIn = variableFor(secret)
  if (belongsIn === null || belongsIn === name || name === 'ANTHROPIC_AUTH_TOKEN') return null
  return refuse(`has a credential of another kind in ${name}`, `name it ${belongsIn}`)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const refuse = (what: string, remedy: string): Refusal => ({ ok: false, what, remedy })
