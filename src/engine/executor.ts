import type { Command } from '../core/model/command.ts'
import type { State } from '../core/model/state.ts'
import { renderTaskLists } from '../core/text/task-list.ts'
import { Unreachable } from '../ports/unreachable.ts'
import { reasonOf } from '../lib/reason.ts'
import { SerialQueue } from '../lib/serial-queue.ts'
import type { Clock } from '../ports/clock.ts'
import type { Repository } from '../ports/repository.ts'
import type { Runtime } from '../ports/runtime.ts'
import type { ParseTaskList } from '../ports/task-lists.ts'
import type { Terminals } from '../ports/terminals.ts'
import type { NewEvent } from './dispatch/dispatcher.ts'
import { type Checks, mergeTask, UncertainOutcome } from './commands/merge-task.ts'
import { saveWork } from './commands/save-work.ts'
import type { PromptSender } from './commands/send-prompt.ts'
import type { InstanceStarter } from './commands/start-instance.ts'
import type { CredentialRotator } from './commands/rotate-credential.ts'
import { mergeUpstream } from './commands/merge-upstream.ts'

const againMs = 5_000

export interface ExecutorParts {
  readonly clock: Clock
  readonly state: () => State
  readonly dispatch: (fact: NewEvent) => void
  readonly runtime: Runtime
  readonly terminals: Terminals
  readonly repository: Repository
  readonly provisioning: InstanceStarter
  readonly checks: Checks
  readonly parseTaskList: ParseTaskList
  readonly prompting: PromptSender
  readonly swapping: CredentialRotator
  readonly writeReport: (report: string) => Promise<void>
}

/**
 * Carries commands out: one queue per instance, one for the hub. The outcome, good or bad, comes back as an event; this
 * is the one place where a failed effect becomes one.
 */
export class Executor {
  readonly #queue = new SerialQueue<string>()
  readonly #parts: ExecutorParts
  #isClosed = false

  constructor(parts: ExecutorParts) {
    this.#parts = parts
  }

  execute(commands: readonly Command[]): void {
    if (this.#isClosed) return
    for (const command of commands)
      this.#queue.add('instance' in command ? command.instance : 'hub', () => this.#run(command))
  }

  /** Begins nothing more and resolves when what has begun is done; whatever was left out follows from the state again. */
  close(): Promise<void> {
    this.#isClosed = true
    return this.#queue.idle()
  }

  async #run(command: Command): Promise<void> {
    if (this.#isClosed) return
    const { dispatch } = this.#parts
    try {
      for (const fact of await this.#effect(command)) dispatch(fact)
    } catch (error) {
      const fact = failureOf(command, error)
      dispatch(fact)
      if (fact.type === 'command-failed' && command.type !== 'look-at-instance')
        this.#again(command)
    }
  }

  /** Ending things has no phase that would ask again; it is tried until it is done. */
  #again(command: Command): void {
    const { clock } = this.#parts
    clock.alarm(clock.now() + againMs, () => this.execute([command]))
  }

  async #effect(command: Command): Promise<readonly NewEvent[]> {
    const { runtime, terminals, repository, provisioning, state } = this.#parts
    switch (command.type) {
      case 'start-instance':
        await provisioning.start(command)
        return [{ type: 'instance-started', instance: command.instance, launch: command.launch }]
      case 'stop-instance':
        await Promise.all([
          runtime.ensureStopped(command.instance),
          terminals.ensureClosed(command.instance),
        ])
        return [{ type: 'instance-stopped', instance: command.instance, launch: command.launch }]
      case 'send-prompt': {
        const fact = await this.#parts.prompting.send(command)
        return fact === null ? [] : [fact]
      }
      case 'replace-credential':
        return [await this.#parts.swapping.replace(command)]
      case 'look-at-instance': {
        const isIdle = await this.#parts.prompting.looksIdle(command.instance)
        return isIdle
          ? [{ type: 'instance-idle', instance: command.instance, launch: command.launch }]
          : []
      }
      case 'save-work':
        return [await saveWork(command, this.#parts)]
      case 'forget-backup':
        await repository.forgetBackup(command.backup)
        return [{ type: 'backup-forgotten', backup: command.backup }]
      case 'merge-task':
        return mergeTask(command.task, command.commit, this.#parts)
      case 'commit-lists':
        return [
          {
            type: 'lists-committed',
            head: await repository.commitFiles(
              renderTaskLists(state(), null),
              'Update the task lists',
            ),
          },
        ]
      case 'merge-upstream':
        await mergeUpstream(this.#parts)
        return []
      case 'publish': {
        const outcome = await repository.publish()
        if (outcome.type === 'published') return [{ type: 'published' }]
        return [{ type: 'publish-refused', reason: outcome.reason, isBehind: outcome.moved }]
      }
      case 'write-report':
        await this.#parts.writeReport(command.report)
        return [{ type: 'report-written' }]
      case 'stop-everything':
        await Promise.all([
          runtime.ensureAllStopped(),
          ...[...state().instances.keys()].map((id) => terminals.ensureClosed(id)),
        ])
        return [{ type: 'everything-stopped' }]
    }
  }
}

/** What a failed command means for the phase that waits for it. */
function failureOf(command: Command, error: unknown): NewEvent {
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
    case 'commit-lists':
      return { type: 'lists-failed', reason }
    case 'merge-upstream':
      return { type: 'upstream-failed', reason }
    case 'publish':
      return { type: 'publish-refused', reason, isBehind: false }
    case 'replace-credential': {
      const { instance, launch, credential } = command
      return { type: 'credential-not-replaced', instance, launch, credential, reason }
    }
    case 'stop-instance':
    case 'look-at-instance':
    case 'forget-backup':
    case 'write-report':
    case 'stop-everything':
      return { type: 'command-failed', command: command.type, reason }
  }
}
