import type { Command } from '../../core/model/command.ts'
import type { InstanceId, Launch } from '../../core/model/ids.ts'
import type { State } from '../../core/model/state.ts'
import type { Clock } from '../../ports/clock.ts'
import type { InstanceFiles } from '../../ports/instance-files.ts'
import type { Instances } from '../../ports/instances.ts'
import type { Terminals } from '../../ports/terminals.ts'
import type { Vault } from '../../ports/vault.ts'
import { claimLogin, takeLoginBack } from './logins.ts'
import type { LaunchTokens } from './launch-tokens.ts'

export interface StartParts {
  readonly state: () => State
  readonly clock: Clock
  readonly instances: Instances
  readonly files: InstanceFiles
  readonly terminals: Terminals
  readonly vault: Vault
  readonly tokens: LaunchTokens
  /** The URL at which instances reach the gateway; known once the server listens. */
  readonly gatewayUrl: () => string
}

type StartCommand = Extract<Command, { type: 'start-instance' }>

/** Starts a launch of an instance and opens its terminal; does nothing when the launch is over. */
export async function startInstance(command: StartCommand, parts: StartParts): Promise<void> {
  const { instance: id, launch, credential, resume } = command
  const { instances, files, terminals, vault, tokens } = parts
  const { policy, ...state } = parts.state()
  const instance = state.instances.get(id)
  if (instance?.launch !== launch || instance.phase.name !== 'starting') return
  const holdsCredential = policy.credentials === 'file'
  const login = holdsCredential ? await claimLogin(parts, credential, id) : null
  const held = await files.logins.look(id)
  if (held !== null && held.id !== login?.id) await takeLoginBack(parts, id)
  await instances.ensureRunning({
    instance: id,
    role: instance.role,
    number: instance.number,
    launch,
    totalWorkers: policy.workerCount,
    token: tokens.tokenOf(id, launch),
    credential,
    credentialEnvironment: holdsCredential
      ? vault.environmentOf(credential)
      : gatewayEnvironment(id, launch, parts),
    login,
    tellsUsage: holdsCredential,
    resume,
  })
  await terminals.ensureOpen(id, instances.terminalCommand(id))
}

/** The launch's token is its key to the gateway; the other credential variables are emptied. */
function gatewayEnvironment(
  instance: InstanceId,
  launch: Launch,
  { tokens, gatewayUrl }: StartParts,
): Readonly<Record<string, string>> {
  return {
    ANTHROPIC_API_KEY: '',
    CLAUDE_CODE_OAUTH_TOKEN: '',
    ANTHROPIC_AUTH_TOKEN: tokens.tokenOf(instance, launch),
    ANTHROPIC_BASE_URL: gatewayUrl(),
  }
}
