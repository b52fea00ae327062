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

/** An instance in rotation keeps its old login until it has read the new settings. */
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
    (await files.logins.borrowersOf(credential)).filter((borrower) => borrower !== instance)
  await waitForHandOver(parts, others)
  for (const other of await others()) await takeLoginBack(parts, other)
  const own = await files.logins.look(instance)
  if (own?.id === credential) await vault.keepLogin(credential, own.text)
  const text = vault.loginOf(credential)
  return text === null ? null : { id: credential, text }
}

/** Stores the login before and after it is removed: a server killed in between finds it in one place. */
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
  /** Called when a renewed login could not be stored: until it is, only the instance has it. */
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
            `the login ${id} as renewed by ${instance} was not stored`,
            new Error(`it ${kept.reason}`),
          )
      },
      (error: unknown) =>
        onProblem(`storing the login ${id} as renewed by ${instance} failed`, error),
    )
  })
}

/** Waits until no running instance uses the login any more, or the time is over. */
async function waitForHandOver(
  { instances, clock }: ClaimParts,
  others: () => Promise<readonly InstanceId[]>,
): Promise<void> {
  const deadline = clock.now() + handOverTimeoutMs
  while (clock.now() < deadline) {
    const borrowers = new Set(await others())
    if (borrowers.size === 0) return
    const running = await instances.listRunning()
    if (!running.some(({ instance }) => borrowers.has(instance))) return
    await pause(clock, pollMs)
  }
}

const pause = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => clock.alarm(clock.now() + ms, resolve))
