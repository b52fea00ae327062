import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual as isSame } from 'node:util'
import type { CredentialId } from '../../core/model/ids.ts'
import { readLogin, renewed } from '../../claude/launch/login.ts'
import type {
  CredentialEntry,
  CredentialProblem,
  KeptLogin,
  Vault,
  VaultChange,
} from '../../ports/vault.ts'
import { writeLogin } from './login-file.ts'
import { LoginHistory, mostPerHour } from './login-history.ts'
import { type CredentialWay, isWorse, type Kept, type Pool, safestWay } from './pool.ts'
import { credentialVariables } from './recognise.ts'
import { secretsIn, secretsOf } from './secrets.ts'
import { type CredentialSource, filesOf, placesFor, readPool, unsearchable } from './source.ts'
import { unwatchedLookMs, WatchedPlaces } from './watched-places.ts'

export interface OpenedVault {
  readonly vault: Vault
  readonly problems: readonly CredentialProblem[]
  /** What `auto` became; it stays until the next start. */
  readonly way: CredentialWay
}

/**
 * Reads every file once. A file with a problem is left out of the vault; problems name files and
 * remedies, never a secret.
 */
export async function openVault(
  source: CredentialSource,
  wanted: CredentialWay | 'auto' = 'file',
): Promise<OpenedVault> {
  const pool = await readPool(await filesOf(source), [], wanted === 'gateway' ? 'gateway' : 'file')
  const way = wanted === 'auto' ? safestWay(pool) : wanted
  return { vault: new CredentialVault(source, pool, way), problems: pool.problems, way }
}

/**
 * Claude Code keeps the value of a variable that is only left out. So every credential names all
 * variables that any credential has ever had; otherwise the next key would be sent to the previous
 * one's address.
 */
const alwaysNamed = [
  ...Object.keys(credentialVariables),
  'ANTHROPIC_BASE_URL',
  'ANTHROPIC_CUSTOM_HEADERS',
]

/**
 * An editor moves a file away before it writes the new one, and a shell empties it first: a change
 * for the worse is checked once more after this time.
 */
const graceMs = 100

/** The longest delay of a timer. Milliseconds. */
const longestTimer = 2 ** 31 - 1

class CredentialVault implements Vault {
  readonly #source: CredentialSource
  readonly #way: CredentialWay
  readonly #listeners = new Set<(change: VaultChange) => void>()
  /** The last good value of each credential, also of those that have left. */
  readonly #last = new Map<CredentialId, Kept>()
  readonly #blank: Record<string, string> = Object.fromEntries(
    alwaysNamed.map((name) => [name, '']),
  )
  readonly #secrets = new Set<string>()
  #pool: Pool
  #places: WatchedPlaces | null = null
  #nextLook: NodeJS.Timeout | undefined
  /** The last look did not see everything, or the next change is not reported. */
  #mayMiss = false
  readonly #history = new LoginHistory()
  /** Settles when the last login is written; a reading from before that may be outdated. */
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
        clearTimeout(this.#nextLook)
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
    if (offered !== null && this.#history.has(credential, offered)) return { type: 'known' }
    const now = Date.now()
    if (this.#history.isFull(credential, now))
      return { type: 'refused', reason: `is one of more than ${mostPerHour} within an hour` }
    const outcome = renewed(found.login, text, now)
    if ('objection' in outcome) return { type: 'refused', reason: outcome.objection }
    // Registered before it is written: a log must not show it if the write fails.
    for (const secret of secretsOf(outcome.login)) this.#secrets.add(secret)
    this.#writes += 1
    // A file that the operator has removed is not created again.
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

  /**
   * One reading at a time; a change during it causes one more. Never rejects: a failure to read is
   * a problem of the pool.
   */
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
      this.#mayMiss = places?.hasUnwatched ?? false
      const pool = await readPool(files, this.#pool.kept, this.#way)
      return { kept: pool.kept, problems: [...problems, ...pool.problems] }
    } catch (error) {
      this.#mayMiss = true
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
    this.#planNextLook()
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
      this.#history.add(id, login)
    }
  }

  /** When a credential expires, and soon when changes may be missed. */
  #planNextLook(): void {
    clearTimeout(this.#nextLook)
    const now = Date.now()
    const waits = this.#pool.kept.map(({ expiresAt }) => (expiresAt ?? Infinity) - now)
    const wait = Math.max(Math.min(...waits, this.#mayMiss ? unwatchedLookMs : Infinity), 0)
    if (wait === Infinity) return
    this.#nextLook = setTimeout(() => void this.#refresh(), Math.min(wait, longestTimer)).unref()
  }
}

const entryOf = ({ id, kind }: Kept): CredentialEntry => ({ id, kind })
const idOf = ({ id }: Kept): CredentialId => id
