import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual as isSame } from 'node:util'
import type { CredentialId } from '../../core/model/ids.ts'
import { isSameLogin, readLogin, renewed, type Login } from '../../claude/launch/login.ts'
import type {
  CredentialEntry,
  CredentialProblem,
  KeptLogin,
  Vault,
  VaultChange,
} from '../../ports/vault.ts'
import { findFiles, placesOf, placesOfFiles, type CredentialGlob } from './find-files.ts'
import { canBeReplaced, writeLogin } from './login-file.ts'
import { poolFrom, type CredentialWay, type Kept, type Pool } from './pool.ts'
import { readPrivateFile } from './read-file.ts'
import { credentialVariables } from './recognise.ts'
import { secretsIn } from './secrets.ts'
import { WatchedPlaces } from './watched-places.ts'

/** These files and no others, or whatever the glob matches at any time. */
export type CredentialSource = readonly string[] | CredentialGlob

/** Reads every file once. A file with a problem is left out of the vault; problems name files and remedies, never a secret. */
export async function openVault(
  source: CredentialSource,
  way: CredentialWay = 'file',
): Promise<{ readonly vault: Vault; readonly problems: readonly CredentialProblem[] }> {
  const pool = await readPool(await filesOf(source), [], way)
  return { vault: new CredentialVault(source, pool, way), problems: pool.problems }
}

const filesOf = (source: CredentialSource): Promise<readonly string[]> =>
  'pattern' in source ? findFiles(source.pattern, source.directory) : Promise.resolve(source)

const placesFor = async (source: CredentialSource, files: readonly string[]) => [
  ...('pattern' in source ? await placesOf(source) : []),
  ...(await placesOfFiles(files)),
]

async function readPool(
  files: readonly string[],
  before: readonly Kept[],
  way: CredentialWay,
): Promise<Pool> {
  const readings = await Promise.all(
    files.map(async (file) => ({
      file,
      read: await readPrivateFile(file),
      canBeReplaced: await canBeReplaced(file),
    })),
  )
  return poolFrom(readings, before, Date.now(), way)
}

/**
 * Claude Code keeps the value of a variable that is merely dropped. Every credential therefore names all variables of all that there ever
 * were, or the next key would be sent to the last one's address.
 */
const alwaysNamed = [
  ...Object.keys(credentialVariables),
  'ANTHROPIC_BASE_URL',
  'ANTHROPIC_CUSTOM_HEADERS',
]

/** An editor moves a file away before it writes the new one, and a shell empties it first: what became worse is looked at once more. */
const graceMs = 100

/** Claude Code renews a login every few hours; only something hostile does it all the time, and every version costs memory. */
const mostPerHour = 100
const hourMs = 3_600_000

/** What a timer can hold. Milliseconds. */
const longestTimer = 2 ** 31 - 1

class CredentialVault implements Vault {
  readonly #source: CredentialSource
  readonly #way: CredentialWay
  readonly #listeners = new Set<(change: VaultChange) => void>()
  /** Of each credential the last good value, also of those that have left. */
  readonly #last = new Map<CredentialId, Kept>()
  readonly #blank: Record<string, string> = Object.fromEntries(
    alwaysNamed.map((name) => [name, '']),
  )
  readonly #secrets = new Set<string>()
  #pool: Pool
  #places: WatchedPlaces | null = null
  #expiry: NodeJS.Timeout | undefined
  /** Every login that a credential ever was: an instance that offers one of them has nothing new. */
  readonly #logins = new Map<CredentialId, (Login & { readonly since: number })[]>()
  /** Ends with the last login that is being written; what was read meanwhile may be older than what we know. */
  #writing: Promise<unknown> = Promise.resolve()
  #writes = 0
  #isReading = false
  #isStale = false

  constructor(source: CredentialSource, pool: Pool, way: CredentialWay) {
    this.#source = source
    this.#way = way
    this.#pool = pool
    this.#remember(pool.kept)
  }

  list(): readonly CredentialEntry[] {
    return this.#pool.kept.map(entryOf)
  }

  environmentOf(credential: CredentialId): Readonly<Record<string, string>> {
    return { ...this.#blank, ...this.#find(credential).variables }
  }

  loginOf(credential: CredentialId): string | null {
    return this.#find(credential).login?.text ?? null
  }

  keepLogin(credential: CredentialId, text: string): Promise<KeptLogin> {
    const keeping = this.#writing.then(() => this.#keep(credential, text))
    this.#writing = keeping.catch(() => undefined)
    return keeping
  }

  secrets(): readonly string[] {
    return [...this.#secrets]
  }

  watch(listener: (change: VaultChange) => void): Disposable {
    this.#listeners.add(listener)
    this.#places ??= new WatchedPlaces(() => void this.#refresh())
    void this.#refresh()
    return {
      [Symbol.dispose]: () => {
        this.#listeners.delete(listener)
        if (this.#listeners.size > 0) return
        clearTimeout(this.#expiry)
        this.#places?.[Symbol.dispose]()
        this.#places = null
      },
    }
  }

  #find(credential: CredentialId): Kept {
    const found = this.#last.get(credential)
    if (!found) throw new Error(`there is no credential ${credential} in the vault`)
    return found
  }

  async #keep(credential: CredentialId, text: string): Promise<KeptLogin> {
    const found = this.#find(credential)
    if (found.login === null) return { type: 'refused', reason: 'is a login where none was given' }
    const offered = readLogin(text)
    if (
      offered !== null &&
      this.#logins.get(credential)?.some((known) => isSameLogin(known, offered))
    )
      return { type: 'known' }
    const now = Date.now()
    const recent = this.#logins.get(credential)?.filter(({ since }) => since > now - hourMs) ?? []
    if (recent.length > mostPerHour)
      return { type: 'refused', reason: `is one of more than ${mostPerHour} within an hour` }
    const outcome = renewed(found.login, text, now)
    if ('objection' in outcome) return { type: 'refused', reason: outcome.objection }
    // Told before it is written: a log may not show it if that fails.
    for (const secret of secretsOf(outcome.login)) this.#secrets.add(secret)
    this.#writes += 1
    // Whoever took the file away has it, and wants it back nowhere.
    if (this.#pool.kept.some(({ id }) => id === credential))
      await writeLogin(found.file, outcome.login.text)
    const kept = { ...found, login: outcome.login }
    this.#remember([kept])
    this.#pool = {
      ...this.#pool,
      kept: this.#pool.kept.map((one) => (one.id === credential ? kept : one)),
    }
    return { type: 'kept' }
  }

  /** One reading at a time; what happens meanwhile leads to one more. It cannot reject: what cannot be read is a problem of the pool. */
  async #refresh(): Promise<void> {
    this.#isStale = true
    if (this.#isReading) return
    this.#isReading = true
    while (this.#isStale) {
      this.#isStale = false
      await this.#writing
      const writes = this.#writes
      let pool = await this.#look()
      if (isWorse(pool, this.#pool)) {
        await sleep(graceMs, undefined, { ref: false })
        pool = await this.#look()
      }
      if (writes !== this.#writes) this.#isStale = true
      else if (this.#places !== null) this.#adopt(pool)
    }
    this.#isReading = false
  }

  async #look(): Promise<Pool> {
    const places = this.#places
    try {
      const files = await filesOf(this.#source)
      const { isNew, problems } = (await places?.follow(await placesFor(this.#source, files))) ?? {
        isNew: false,
        problems: [],
      }
      if (this.#places !== places) places?.[Symbol.dispose]()
      if (isNew) this.#isStale = true
      const pool = await readPool(files, this.#pool.kept, this.#way)
      return { kept: pool.kept, problems: [...problems, ...pool.problems] }
    } catch (error) {
      return { kept: this.#pool.kept, problems: [unsearchable(this.#source, error)] }
    }
  }

  #adopt(pool: Pool): void {
    const before = this.#pool
    const changed = pool.kept.filter((now) => {
      const last = this.#last.get(now.id)
      return (
        last !== undefined &&
        !(isSame(last.variables, now.variables) && isSame(last.login, now.login))
      )
    })
    const gone = before.kept.filter(({ id }) => !pool.kept.some((now) => now.id === id))
    const isOther =
      !isSame(before.kept.map(entryOf), pool.kept.map(entryOf)) ||
      !isSame(before.problems, pool.problems)
    this.#pool = pool
    this.#remember(pool.kept)
    this.#awaitExpiry()
    if (!isOther && changed.length === 0) return
    const change = {
      credentials: this.list(),
      changed: changed.map(idOf),
      gone: gone.map(idOf),
      problems: pool.problems,
    }
    for (const listener of this.#listeners) listener(change)
  }

  #remember(kept: readonly Kept[]): void {
    for (const credential of kept) {
      this.#last.set(credential.id, credential)
      for (const name of Object.keys(credential.variables)) this.#blank[name] = ''
      for (const secret of secretsIn(credential.variables)) this.#secrets.add(secret)
      const { id, login } = credential
      if (login === null) continue
      for (const secret of secretsOf(login)) this.#secrets.add(secret)
      const known = this.#logins.get(id) ?? []
      if (!known.some((one) => isSameLogin(one, login)))
        this.#logins.set(id, [...known, { ...login, since: Date.now() }])
    }
  }

  #awaitExpiry(): void {
    clearTimeout(this.#expiry)
    const next = Math.min(
      ...this.#pool.kept.map(({ expiresAt }) => expiresAt ?? Number.POSITIVE_INFINITY),
    )
    if (next === Number.POSITIVE_INFINITY) return
    this.#expiry = setTimeout(
      () => void this.#refresh(),
      Math.min(Math.max(next - Date.now(), 0), longestTimer),
    ).unref()
  }
}

const isWorse = (now: Pool, before: Pool): boolean =>
  now.problems.length > before.problems.length ||
  before.kept.some(({ id }) => !now.kept.some((one) => one.id === id))

const secretsOf = ({ accessToken, refreshToken }: Login): readonly string[] => [
  accessToken,
  refreshToken,
]

const entryOf = ({ id, kind }: Kept): CredentialEntry => ({ id, kind })
const idOf = ({ id }: Kept): CredentialId => id

function unsearchable(source: CredentialSource, error: unknown): CredentialProblem {
  const file = 'pattern' in source ? source.directory : source.join(', ')
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
  return {
    file,
    key: null,
    what: `cannot be searched for credentials (${code})`,
    remedy: 'let the user that runs the server list it',
  }
}
