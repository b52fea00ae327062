import type { Command } from '../../core/model/command.ts'
import type { CredentialId } from '../../core/model/ids.ts'
import type { State } from '../../core/model/state.ts'
import type { Clock } from '../../ports/clock.ts'
import type { InstanceFiles, Login } from '../../ports/instance-files.ts'
import type { Instances } from '../../ports/instances.ts'
import type { Vault } from '../../ports/vault.ts'
import type { NewEvent } from '../dispatch/dispatcher.ts'
import { claimLogin, takeLoginBack } from './logins.ts'

export interface RotationParts {
  readonly state: () => State
  readonly instances: Instances
  readonly files: InstanceFiles
  readonly vault: Vault
  readonly clock: Clock
}

type ReplaceCommand = Extract<Command, { type: 'replace-credential' }>

/**
 * Places another credential in a running instance. Its conversation continues, and its next request
 * uses the new one as soon as Claude Code has read its settings. The state waits for that, not this
 * command; until then the old login stays where it is. A login that the instance no longer leases
 * is not placed: it may be in use elsewhere. Null for a rotation that has ended: another write
 * would lead to another read, which could be taken for that of a later rotation.
 */
export async function rotateCredential(
  { instance, launch, credential }: ReplaceCommand,
  parts: RotationParts,
): Promise<NewEvent | null> {
  const { files, vault, state } = parts
  const known = state().instances.get(instance)
  if (known?.launch !== launch || known.rotation?.credential !== credential) return null
  if (known.credential !== credential && vault.loginOf(credential) !== null) {
    const reason = `${instance} does not lease ${credential} any more`
    return { type: 'credential-not-replaced', instance, launch, credential, reason }
  }
  const login = await claimLogin(parts, credential, instance)
  const held = await files.logins.look(instance)
  if (login !== null) {
    if (held !== null && held.id !== credential) await takeLoginBack(parts, instance)
    await files.logins.place(instance, login)
  }
  await files.replaceCredential(instance, vault.environmentOf(credential))
  // From one login to another no setting changes, so no hook confirms it: the next request reads
  // the new file.
  const isAnotherLogin = login !== null && usesLogin(known.credentialInUse, held, vault)
  const type = isAnotherLogin ? 'credential-replaced' : 'credential-placed'
  return { type, instance, launch, credential }
}

/** A login in its file is in use, unless a server that was killed has placed it just now. */
const usesLogin = (inUse: CredentialId | null, held: Login | null, vault: Vault): boolean =>
  held !== null && (inUse === null || vault.loginOf(inUse) !== null)
