import type { Command } from '../core/model/command.ts'
import type { Launch } from '../core/model/ids.ts'
import type { State } from '../core/model/state.ts'
import { renderTaskLists } from '../core/text/task-list.ts'
import { Unreachable } from '../ports/unreachable.ts'
import { reasonOf } from '../lib/reason.ts'
import { SerialQueue } from '../lib/serial-queue.ts'
import type { ParseTaskList } from '../ports/task-lists.ts'
import type { NewEvent } from './dispatch/dispatcher.ts'
import { takeLoginBack } from './commands/logins.ts'
import { type MergeParts, mergeTask, UncertainOutcome } from './commands/merge-task.ts'
import { saveWork, type SavingParts } from './commands/save-work.ts'
import { probeInstance, type PromptParts, sendPrompt } from './commands/send-prompt.ts'
import { startInstance, type StartParts } from './commands/start-instance.ts'
import { rotateCredential, type RotationParts } from './commands/rotate-credential.ts'
import { mergeUpstream } from './commands/merge-upstream.ts'
import { type ReportParts, writeReport } from './commands/write-report.ts'

export interface ExecutorParts
  extends StartParts,
    PromptParts,
    RotationParts,
    MergeParts,
    SavingParts,
    ReportParts {
  readonly dispatch: (event: NewEvent) => void
  readonly parseTaskList: ParseTaskList
}

/**
 * Executes commands: one queue per instance, two per line (pushes have their own), and one for the run. The outcome comes back as an
 * event; only here a failed effect becomes an event.
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
    for (const command of commands) this.#queue.add(queueOf(command), () => this.#run(command))
  }

  /**
   * Starts no more commands and resolves when the running ones have ended. The next start issues
   * the others again, from the state.
   */
  close(): Promise<void> {
    this.#isClosed = true
    return this.#queue.idle()
  }

  async #run(command: Command): Promise<void> {
    if (this.#isClosed) return
    // A decision that throws is a bug, not a failure of the command: it ends the process.
    for (const event of await this.#outcome(command)) this.#parts.dispatch(event)
  }

  async #outcome(command: Command): Promise<readonly NewEvent[]> {
    try {
      return await this.#effect(command)
    } catch (error) {
      return [failureOf(command, error)]
    }
  }

  async #effect(command: Command): Promise<readonly NewEvent[]> {
    const { instances, terminals, repositoryOf, state } = this.#parts
    switch (command.type) {
      case 'start-instance':
        await startInstance(command, this.#parts)
        return [{ type: 'instance-started', instance: command.instance, launch: command.launch }]
      case 'stop-instance':
        if (!isCurrent(command, state())) return []
        await Promise.all([
          instances.ensureStopped(command.instance),
          terminals.ensureClosed(command.instance),
        ])
        return [{ type: 'instance-stopped', instance: command.instance, launch: command.launch }]
      case 'clear-conversation':
      case 'send-prompt':
        return someEvent(await sendPrompt(command, this.#parts))
      case 'replace-credential':
        return someEvent(await rotateCredential(command, this.#parts))
      case 'take-login-back':
        if (isCurrent(command, state())) await takeLoginBack(this.#parts, command.instance)
        return []
      case 'probe-instance': {
        const isIdle = await probeInstance(command.instance, this.#parts)
        return isIdle
          ? [{ type: 'instance-idle', instance: command.instance, launch: command.launch }]
          : []
      }
      case 'save-work':
        return [await saveWork(command, this.#parts)]
      case 'forget-backup':
        await repositoryOf(command.line).forgetBackup(command.backup)
        return [{ type: 'backup-forgotten', backup: command.backup }]
      case 'merge-task':
        return mergeTask(command, this.#parts)
      case 'commit-lists': {
        const { line } = command
        const lists = renderTaskLists(state(), line, null)
        const head = await repositoryOf(line).commitFiles(lists, 'Update the task lists')
        return [{ type: 'lists-committed', line, head }]
      }
      case 'merge-upstream':
        await mergeUpstream(command, this.#parts)
        return []
      case 'publish': {
        const { line } = command
        const outcome = await repositoryOf(line).publish()
        if (outcome.type === 'published') return [{ type: 'published', line, head: command.head }]
        return [{ type: 'publish-refused', line, reason: outcome.reason, isBehind: outcome.moved }]
      }
      case 'write-report':
        await writeReport(command, this.#parts)
        return [{ type: 'report-written' }]
      case 'stop-everything':
        await Promise.all([
          instances.ensureAllStopped(),
          ...[...state().instances.keys()].map((id) => terminals.ensureClosed(id)),
        ])
        return [{ type: 'everything-stopped' }]
    }
  }
}

/** False when the instance has a newer launch, which a late command must not touch. */
const isCurrent = (
  { instance, launch }: Extract<Command, { launch: Launch }>,
  { instances }: State,
): boolean => instances.get(instance)?.launch === launch

/**
 * Commands of one queue run one after the other; git locks a hub's refs, so a line is one queue. A
 * push only reads the hub and may take long, so it holds up nothing else.
 */
function queueOf(command: Command): string {
  if ('instance' in command) return command.instance
  if (command.type === 'publish') return `push:${command.line}`
  return 'line' in command ? `line:${command.line}` : 'run'
}

const someEvent = (event: NewEvent | null): readonly NewEvent[] => (event === null ? [] : [event])

/** The event that a failed command becomes for the phase that waits for it. */
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
    case 'probe-instance': {
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
