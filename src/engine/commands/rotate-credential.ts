import type { Command } from '../../core/model/command.ts'
import type { CredentialId, InstanceId } from '../../core/model/ids.ts'
import type { Clock } from '../../ports/clock.ts'
import type { InstanceFiles } from '../../ports/instance-files.ts'
import type { Instances } from '../../ports/instances.ts'
import type { Vault } from '../../ports/vault.ts'
import type { NewEvent } from '../dispatch/dispatcher.ts'
import { claimLogin, takeLoginBack } from './logins.ts'
import type { AgentStatusSource } from '../observe/agent-status.ts'

export interface RotationParts {
  readonly instances: Instances
  readonly files: InstanceFiles
  readonly vault: Vault
  readonly agentStatus: AgentStatusSource
  readonly clock: Clock
}

type ReplaceCommand = Extract<Command, { type: 'replace-credential' }>

/**
 * Claude Code reports its changed settings as read 1.0 to 1.4 s after the write; the approval of
 * an API key takes 2.5 s more (measured, 2.1.328). The middle one of three nested limits: longer
 * than `approvalTimes.withinMs` (5 s, src/claude/launch/state-file.ts), so that a late approval
 * still counts; shorter than `rotationTimeoutMs` (10 s, src/core/rules/credential-rotation.ts), so
 * that the core learns the reason before it restarts the instance.
 */
const settingsReadTimeoutMs = 8_000

/**
 * Gives a running instance another credential. Its conversation continues, and its next request
 * uses the new one.
 */
export async function rotateCredential(
  { instance, launch, credential }: ReplaceCommand,
  parts: RotationParts,
): Promise<NewEvent> {
  const { files, vault } = parts
  const login = await claimLogin(parts, credential, instance)
  const held = await files.logins.look(instance)
  if (login !== null) {
    if (held !== null && held.id !== credential) await takeLoginBack(parts, instance)
    await files.logins.place(instance, login)
  }
  // From one login to another no setting changes, so no hook confirms it: the next request reads
  // the new file.
  const hookConfirms = login === null || held === null
  if (!hookConfirms) await files.replaceCredential(instance, vault.environmentOf(credential))
  if (hookConfirms && !(await replaceSettings(instance, credential, parts))) {
    const reason = `${instance} did not confirm that it read ${credential}`
    return { type: 'credential-not-replaced', instance, launch, credential, reason }
  }
  if (login === null) await takeLoginBack(parts, instance)
  return { type: 'credential-replaced', instance, launch, credential }
}

/** True when Claude Code confirms in time that it read the new settings. */
async function replaceSettings(
  instance: InstanceId,
  credential: CredentialId,
  { files, vault, agentStatus, clock }: RotationParts,
): Promise<boolean> {
  const { settingsRead } = agentStatus.signalsOf(instance)
  const timeout = new AbortController()
  using _ = clock.alarm(clock.now() + settingsReadTimeoutMs, () => timeout.abort())
  const isRead = agentStatus
    .until(instance, (signals) => signals.settingsRead > settingsRead, timeout.signal)
    .then(
      () => true,
      () => false,
    )
  await files.replaceCredential(instance, vault.environmentOf(credential))
  return await isRead
}
