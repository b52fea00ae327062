import type { Command } from '../core/command.ts'
import type { State } from '../core/state.ts'
import type { Runtime } from '../ports/runtime.ts'
import type { Terminals } from '../ports/terminals.ts'
import type { Vault } from '../ports/vault.ts'
import type { LaunchTokens } from './tokens.ts'

export interface ProvisioningParts {
  readonly state: () => State
  readonly runtime: Runtime
  readonly terminals: Terminals
  readonly vault: Vault
  readonly tokens: LaunchTokens
}

type StartCommand = Extract<Command, { type: 'start-instance' }>

/** Brings one launch of an instance to life: its place to run and the terminal that shows it. */
export class Provisioning {
  readonly #parts: ProvisioningParts

  constructor(parts: ProvisioningParts) {
    this.#parts = parts
  }

  async start({ instance: id, launch, credential, resume }: StartCommand): Promise<void> {
    const { state, runtime, terminals, vault, tokens } = this.#parts
    const instance = state().instances.get(id)
    if (instance?.launch !== launch) return
    await runtime.ensureRunning({
      instance: id,
      role: instance.role,
      number: instance.number,
      launch,
      totalWorkers: state().rules.workerCount,
      token: tokens.tokenOf(id, launch),
      credential,
      credentialEnvironment: vault.environmentOf(credential),
      resume,
    })
    await terminals.ensureOpen(id, runtime.terminalCommand(id))
  }
}
