import type { CredentialId, InstanceId } from '../../core/model/ids.ts'
import type { Clock } from '../../ports/clock.ts'
import type { InstanceFiles, Login } from '../../ports/instance-files.ts'
import type { Instances } from '../../ports/instances.ts'
import type { Vault } from '../../ports/vault.ts'

interface LoginParts {
  readonly files: Pick<InstanceFiles, 'logins'>
  readonly vault: Pick<Vault, 'loginOf' | 'keepLogin'>
}

interface ClaimParts extends LoginParts {
  readonly clock: Clock
  readonly instances: Pick<Instances, 'listRunning'>
}

/**
 * An instance in rotation keeps its old login until it has read the new settings; then
 * `take-login-back` removes it. This wait covers the time in between, and is part of `placeMs`
 * (`timeouts` in src/core/model/policy.ts). When it is over, the login is taken from the instance
 * that still has it, so a lost `take-login-back` only costs this time.
 */
const handOverTimeoutMs = 10_000
const pollMs = 1_000

/**
 * The newest text of a login, taken from every other instance first, so that only `instance` uses
 * it. Null for a credential of another kind.
 */
export async function claimLogin(
  parts: ClaimParts,
  credential: CredentialId,
  instance: InstanceId,
): Promise<Login | null> {
  const { files, vault } = parts
  if (vault.loginOf(credential) === null) return null
  const others = async () =>
    (await files.logins.borrowersOf(credential)).filter((holder) => holder !== instance)
  await waitForHandOver(parts, others)
  for (const other of await others()) await takeLoginBack(parts, other)
  const own = await files.logins.look(instance)
  if (own?.id === credential) await vault.keepLogin(credential, own.text)
  const text = vault.loginOf(credential)
  return text === null ? null : { id: credential, text }
}

/**
 * Stores the login before and after it is removed from the instance: if the server is killed in
 * between, the login is still in one of the two places.
 */
export async function takeLoginBack(
  { files, vault }: LoginParts,
  instance: InstanceId,
): Promise<void> {
  const found = await files.logins.look(instance)
  if (found !== null) await vault.keepLogin(found.id, found.text)
  const last = await files.logins.take(instance)
  if (last !== null) await vault.keepLogin(last.id, last.text)
}

interface RenewalOptions {
  /** Called when a renewed login could not be stored; only the instance has it then. */
  readonly onProblem: (what: string, error: unknown) => void
}

/** Stores every login that an instance renews, until disposed. */
export function storeRenewals(
  { files, vault }: LoginParts,
  { onProblem }: RenewalOptions,
): Disposable {
  return files.logins.watch((instance, { id, text }) => {
    vault.keepLogin(id, text).then(
      (kept) => {
        if (kept.type === 'refused')
          onProblem(
            `the login ${id}, renewed by ${instance}, was not stored`,
            new Error(`it ${kept.reason}`),
          )
      },
      (error: unknown) =>
        onProblem(`storing the login ${id}, renewed by ${instance}, failed`, error),
    )
  })
}

/** Waits until no other running instance has the login, at most `handOverTimeoutMs`. */
async function waitForHandOver(
  { instances, clock }: ClaimParts,
  others: () => Promise<readonly InstanceId[]>,
): Promise<void> {
  const deadline = clock.now() + handOverTimeoutMs
  while (clock.now() < deadline) {
    const holders = new Set(await others())
    if (holders.size === 0) return
    const running = await instances.listRunning()
    if (!running.some(({ instance }) => holders.has(instance))) return
    await pause(clock, pollMs)
  }
}

const pause = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => clock.alarm(clock.now() + ms, resolve))
