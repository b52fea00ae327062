import type { Command } from '../../core/model/command.ts'
import type { InstanceId, Launch } from '../../core/model/ids.ts'
import type { State } from '../../core/model/state.ts'
import type { Runtime } from '../../ports/runtime.ts'
import type { Terminals } from '../../ports/terminals.ts'
import type { Vault } from '../../ports/vault.ts'
import { claimLogin, takeLoginBack } from './logins.ts'
import type { LaunchTokens } from './launch-tokens.ts'

export interface ProvisioningParts {
  readonly state: () => State
  readonly runtime: Runtime
  readonly terminals: Terminals
  readonly vault: Vault
  readonly tokens: LaunchTokens
  /** Where instances find the gateway, once the server listens. */
  readonly gatewayUrl: () => string
}

type StartCommand = Extract<Command, { type: 'start-instance' }>

/** Brings one launch of an instance to life: its place to run and the terminal that shows it. */
export class InstanceStarter {
  readonly #parts: ProvisioningParts

  constructor(parts: ProvisioningParts) {
    this.#parts = parts
  }

  async start({ instance: id, launch, credential, resume }: StartCommand): Promise<void> {
    const { state, runtime, terminals, vault, tokens } = this.#parts
    const instance = state().instances.get(id)
    if (instance?.launch !== launch || instance.phase.name !== 'starting') return
    const isDirect = state().rules.credentials === 'file'
    const login = isDirect ? await claimLogin(this.#parts, credential, id) : null
    const held = await runtime.logins.look(id)
    if (held !== null && held.id !== login?.id) await takeLoginBack(this.#parts, id)
    await runtime.ensureRunning({
      instance: id,
      role: instance.role,
      number: instance.number,
      launch,
      totalWorkers: state().rules.workerCount,
      token: tokens.tokenOf(id, launch),
      credential,
      credentialEnvironment: isDirect
        ? vault.environmentOf(credential)
        : this.#throughTheGateway(id, launch),
      login,
      tellsUsage: isDirect,
      resume,
    })
    await terminals.ensureOpen(id, runtime.terminalCommand(id))
  }

  /** The launch's own token stands for whichever credential the gateway will use; the other names are switched off. */
  #throughTheGateway(instance: InstanceId, launch: Launch): Readonly<Record<string, string>> {
    const { tokens, gatewayUrl } = this.#parts
    const own = {
      ANTHROPIC_AUTH_TOKEN: tokens.tokenOf(instance, launch),
      ANTHROPIC_BASE_URL: gatewayUrl(),
    }
    return { ANTHROPIC_API_KEY: '', CLAUDE_CODE_OAUTH_TOKEN: '', ...own }
  }
}
