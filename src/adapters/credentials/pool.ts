import { basename, dirname } from 'node:path'
import { loginFile } from '../../claude/launch/login.ts'
import { CredentialId } from '../../core/model/ids.ts'
import type { CredentialEntry, CredentialKind, CredentialProblem } from '../../ports/vault.ts'
import type { ReadFile, Refusal } from './read-file.ts'
import { credentialVariables, recognise, type Recognised } from './recognise.ts'

/** A credential in the pool, and the file that it came from. */
export interface Kept extends CredentialEntry {
  readonly file: string
  readonly variables: Recognised['variables']
  readonly login: Recognised['login']
  readonly expiresAt: number | null
}

export interface Reading {
  readonly file: string
  readonly read: ReadFile
  /** Whether a renewed login can be written to it. */
  readonly canBeReplaced: boolean
}

/** Which part uses the pool's credentials: the instances themselves, or the gateway for them. */
export type CredentialWay = 'file' | 'gateway'

/** The gateway, where it can use every credential as it is: then no instance can read one. */
export const safestWay = ({ kept }: Pool): CredentialWay =>
  kept.every(
    ({ kind, variables }) =>
      !isOfSubscription(kind) && Object.keys(variables).every((name) => sentByGateway.has(name)),
  )
    ? 'gateway'
    : 'file'

/** It has no use for others, such as `ANTHROPIC_CUSTOM_HEADERS`; Claude Code has. */
const sentByGateway = new Set(['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'ANTHROPIC_BASE_URL'])

/** Its terms allow it for the unmodified Claude Code only. */
const isOfSubscription = (kind: CredentialKind): boolean =>
  kind === 'login' || kind === 'oauth-token'

export interface Pool {
  readonly kept: readonly Kept[]
  readonly problems: readonly CredentialProblem[]
}

/** A file has a problem that it did not have, or is gone. */
export const isWorse = (now: Pool, before: Pool): boolean =>
  now.problems.length > before.problems.length ||
  before.kept.some(({ id }) => !now.kept.some((one) => one.id === id))

/**
 * Builds the pool from the files. A file that was valid and cannot be used any more, perhaps half
 * written, keeps its last value until that expires. Credentials that were in the pool before come
 * first: a new one never takes another's place.
 */
export function poolFrom(
  readings: readonly Reading[],
  before: readonly Kept[],
  now: number,
  way: CredentialWay,
): Pool {
  const lastOf = new Map(before.map((credential) => [credential.file, credential]))
  const kept: Kept[] = []
  const problems: CredentialProblem[] = []
  for (const { file, read, canBeReplaced } of [...readings].sort(
    (a, b) => Number(lastOf.has(b.file)) - Number(lastOf.has(a.file)),
  )) {
    const found = read.ok ? admit(file, recognise(read.text), { kept, canBeReplaced, way }) : read
    const problem = found.ok ? expiryOf(found, now) : found
    const credential = found.ok ? found : found.isGone ? undefined : lastOf.get(file)
    if (problem !== null)
      problems.push({ file, key: null, what: problem.what, remedy: problem.remedy })
    if (credential !== undefined && expiryOf(credential, now) === null) kept.push(credential)
  }
  return {
    kept: kept.toSorted((a, b) => (a.file < b.file ? -1 : 1)),
    problems: problems.toSorted((a, b) => (a.file < b.file ? -1 : 1)),
  }
}

function expiryOf({ expiresAt }: Kept, now: number): Refusal | null {
  if (expiresAt === null || expiresAt > now) return null
  return {
    ok: false,
    what: `expired at ${new Date(expiresAt).toISOString()}`,
    remedy: 'put a new credential into the file, or remove it',
  }
}

interface Circumstances {
  readonly kept: readonly Kept[]
  readonly canBeReplaced: boolean
  readonly way: CredentialWay
}

function admit(
  file: string,
  recognised: Recognised | Refusal,
  around: Circumstances,
): ({ readonly ok: true } & Kept) | Refusal {
  if (!recognised.ok) return recognised
  const objection = objectionTo(recognised, around)
  if (objection !== null) return objection
  const name = nameOf(file)
  if (!/^[A-Za-z0-9][\w.-]{0,63}$/.test(name)) {
    return {
      ok: false,
      what: 'has a name that cannot be shown safely',
      remedy: 'rename it: up to 64 letters, digits, ".", "_" and "-"',
    }
  }
  const namesake = around.kept.find(({ id }) => id === name)
  if (namesake)
    return {
      ok: false,
      what: `has the same name as ${namesake.file}`,
      remedy: 'rename one: the name tells credentials apart',
    }
  const twin = around.kept.find((other) => secretOf(other) === secretOf(recognised))
  if (twin)
    return {
      ok: false,
      what: `holds the same credential as ${twin.file}`,
      remedy: 'remove one: both would run into the same limit',
    }
  return { ...recognised, id: CredentialId(name), file }
}

function objectionTo({ kind }: Recognised, { way, canBeReplaced }: Circumstances): Refusal | null {
  if (way === 'gateway' && isOfSubscription(kind)) {
    const what =
      kind === 'login'
        ? 'is a login, which only Claude Code itself may use'
        : 'is a setup token, which only Claude Code itself may use'
    const remedy =
      'set "credentials" to "file" and restart the server, or leave it out of "claudeConfigs"'
    return { ok: false, what, remedy }
  }
  if (kind !== 'login' || canBeReplaced) return null
  const remedy =
    'let the user that runs the server write that directory: a renewed login is put there'
  return { ok: false, what: 'is a login in a directory that cannot be written', remedy }
}

/**
 * All login files have the same name, so a login is named after its directory, or after the
 * directory that holds its `.claude`.
 */
function nameOf(file: string): string {
  if (basename(file) !== loginFile) return basename(file).replace(/\.[^.]+$/, '')
  const directory = dirname(file)
  return basename(basename(directory) === '.claude' ? dirname(directory) : directory)
}

const secretOf = ({ variables, login }: Pick<Kept, 'variables' | 'login'>): string | undefined =>
  login?.refreshToken ??
  Object.keys(credentialVariables)
    .map((name) => variables[name])
    .find((value) => value !== undefined)
