import { setTimeout as sleep } from 'node:timers/promises'
import type { CredentialId, InstanceId } from '../../core/model/ids.ts'
import type { Login, Runtime } from '../../ports/runtime.ts'
import type { Vault } from '../../ports/vault.ts'

interface LoginParts {
  readonly runtime: Pick<Runtime, 'logins' | 'listRunning'>
  readonly vault: Pick<Vault, 'loginOf' | 'keepLogin'>
}

/** An instance that is being moved to another credential has its login until it has read the new settings. */
const moveMs = 10_000
const lookMs = 1_000

/**
 * The login that a credential is, for this instance to have: the newest that anybody knows, and in no other instance any more. Null for a
 * credential of another kind.
 */
export async function claimLogin(
  parts: LoginParts,
  credential: CredentialId,
  instance: InstanceId,
): Promise<Login | null> {
  const { runtime, vault } = parts
  if (vault.loginOf(credential) === null) return null
  const others = async () =>
    (await runtime.logins.borrowersOf(credential)).filter((borrower) => borrower !== instance)
  await untilGone(parts, others)
  for (const other of await others()) await takeLoginBack(parts, other)
  const own = await runtime.logins.look(instance)
  if (own?.id === credential) await vault.keepLogin(credential, own.text)
  const text = vault.loginOf(credential)
  return text === null ? null : { id: credential, text }
}

/** It is known before it is taken away, and once more after: a server that is killed in between finds it here or there. */
export async function takeLoginBack(
  { runtime, vault }: LoginParts,
  instance: InstanceId,
): Promise<void> {
  const found = await runtime.logins.look(instance)
  if (found !== null) await vault.keepLogin(found.id, found.text)
  const last = await runtime.logins.take(instance)
  if (last !== null) await vault.keepLogin(last.id, last.text)
}

interface Tellers {
  /** A renewal that could not be kept: until it is, only the instance has it. */
  readonly onTrouble: (trouble: string, error: unknown) => void
}

/** Keeps what instances renew, as they do it, until disposed. */
export function keepRenewals({ runtime, vault }: LoginParts, { onTrouble }: Tellers): Disposable {
  return runtime.logins.watch((instance, { id, text }) => {
    vault.keepLogin(id, text).then(
      (kept) => {
        if (kept.type === 'refused')
          onTrouble(
            `what ${instance} has as the login ${id} is not kept`,
            new Error(`it ${kept.reason}`),
          )
      },
      (error: unknown) =>
        onTrouble(`keeping the login ${id}, which ${instance} has renewed, failed`, error),
    )
  })
}

async function untilGone(
  { runtime }: LoginParts,
  others: () => Promise<readonly InstanceId[]>,
): Promise<void> {
  const deadline = performance.now() + moveMs
  while (performance.now() < deadline) {
    const borrowers = new Set(await others())
    if (
      borrowers.size === 0 ||
      !(await runtime.listRunning()).some((running) => borrowers.has(running.instance))
    )
      return
    await sleep(lookMs)
  }
}
