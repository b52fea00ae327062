import type { Command } from '../../core/model/command.ts'
import type { CredentialId, InstanceId } from '../../core/model/ids.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Runtime } from '../../ports/runtime.ts'
import type { Vault } from '../../ports/vault.ts'
import type { NewEvent } from '../dispatch/dispatcher.ts'
import { claimLogin, takeLoginBack } from './logins.ts'
import type { AgentStatusTracker } from '../observe/agent-status.ts'

export interface SwappingParts {
  readonly runtime: Runtime
  readonly vault: Vault
  readonly sightings: AgentStatusTracker
  readonly clock: Clock
}

type ReplaceCommand = Extract<Command, { type: 'replace-credential' }>

/** Claude Code says that it has read its settings 1.0 to 1.4 s after they changed; an API key takes 2.5 s more to be approved. */
const settingsReadTimeoutMs = 8_000

/** Puts another credential under a running instance: its conversation goes on, and the next request uses the new one. */
export class CredentialRotator {
  readonly #parts: SwappingParts

  constructor(parts: SwappingParts) {
    this.#parts = parts
  }

  async replace({ instance, launch, credential }: ReplaceCommand): Promise<NewEvent> {
    const { runtime, vault } = this.#parts
    const login = await claimLogin(this.#parts, credential, instance)
    const held = await runtime.logins.look(instance)
    if (login !== null) {
      if (held !== null && held.id !== credential) await takeLoginBack(this.#parts, instance)
      await runtime.logins.place(instance, login)
    }
    // From one login to another no setting changes: nothing is said, and the next request looks at the new file.
    const says = login === null || held === null
    if (!says) await runtime.replaceCredential(instance, vault.environmentOf(credential))
    if (says && !(await this.#replaceSettings(instance, credential))) {
      const reason = `${instance} did not say that it read ${credential}`
      return { type: 'credential-not-replaced', instance, launch, credential, reason }
    }
    if (login === null) await takeLoginBack(this.#parts, instance)
    return { type: 'credential-replaced', instance, launch, credential }
  }

  /** True when Claude Code says that it has read them. */
  async #replaceSettings(instance: InstanceId, credential: CredentialId): Promise<boolean> {
    const { runtime, vault, sightings, clock } = this.#parts
    const { settingsRead } = sightings.signalsOf(instance)
    const patience = new AbortController()
    using _ = clock.alarm(clock.now() + settingsReadTimeoutMs, () => patience.abort())
    const read = sightings
      .until(instance, (heard) => heard.settingsRead > settingsRead, patience.signal)
      .then(
        () => true,
        () => false,
      )
    await runtime.replaceCredential(instance, vault.environmentOf(credential))
    return await read
  }
}
