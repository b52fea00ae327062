import type { Command } from '../core/model/command.ts'
import { reasonOf } from '../lib/reason.ts'
import { Unreachable } from '../ports/unreachable.ts'
import { UncertainOutcome } from './commands/merge-task.ts'
import type { NewEvent } from './dispatch/dispatcher.ts'

/** The event that a failed command becomes for the phase that waits for it. */
export function failureOf(command: Command, error: unknown): NewEvent {
  const reason = reasonOf(error)
  switch (command.type) {
    case 'start-instance':
      return {
        type: 'instance-lost',
        instance: command.instance,
        launch: command.launch,
        cause: reason,
        ...(error instanceof Unreachable ? { blame: 'engine' } : {}),
      }
    case 'clear-conversation':
    case 'send-prompt': {
      const { instance, launch, prompt } = command
      return {
        type: 'prompt-not-sent',
        instance,
        launch,
        prompt: prompt.id,
        obstacle: reason,
        isHopeless: false,
      }
    }
    case 'save-work':
      return { type: 'work-not-saved', backup: command.backup, reason, isFinal: false }
    case 'merge-task':
      return {
        type: 'merge-failed',
        task: command.task,
        commit: command.commit,
        reason,
        mayHaveLanded: error instanceof UncertainOutcome,
      }
    case 'check-base':
      return { type: 'base-not-checked', line: command.line, reason }
    case 'commit-lists':
      return { type: 'lists-failed', line: command.line, reason }
    case 'merge-upstream':
      return { type: 'upstream-failed', line: command.line, reason }
    case 'publish':
      return { type: 'publish-refused', line: command.line, reason, isBehind: false }
    case 'replace-credential': {
      const { instance, launch, credential } = command
      return { type: 'credential-not-replaced', instance, launch, credential, reason }
    }
    case 'stop-instance':
    case 'take-login-back':
    case 'probe-instance':
    case 'interrupt-turn': {
      const { type, instance, launch } = command
      return { type: 'command-failed', command: type, instance, launch, reason }
    }
    case 'forget-backup': {
      const { type, backup } = command
      return { type: 'command-failed', command: type, backup, reason }
    }
    case 'write-report':
    case 'stop-everything':
      return { type: 'command-failed', command: command.type, reason }
  }
}
