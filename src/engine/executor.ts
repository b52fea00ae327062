import type { Command } from '../core/model/command.ts'
import type { Launch, LineId, TaskId } from '../core/model/ids.ts'
import type { State } from '../core/model/state.ts'
import { SerialQueue } from '../lib/serial-queue.ts'
import type { CheckRunner } from '../ports/checks.ts'
import type { ParseTaskList } from '../ports/task-lists.ts'
import { failureOf } from './command-failure.ts'
import type { NewEvent } from './dispatch/dispatcher.ts'
import { checkBase } from './commands/check-base.ts'
import { takeLoginBack } from './commands/logins.ts'
import { type InHub, type MergeParts, mergeTask } from './commands/merge-task.ts'
import { saveWork, type SavingParts } from './commands/save-work.ts'
import { interruptTurn, probeInstance } from './commands/probe-instance.ts'
import { type PromptParts, sendPrompt } from './commands/send-prompt.ts'
import { startInstance, type StartParts } from './commands/start-instance.ts'
import { rotateCredential, type RotationParts } from './commands/rotate-credential.ts'
import { commitLists } from './commands/commit-lists.ts'
import { mergeUpstream } from './commands/merge-upstream.ts'
import { type ReportParts, writeReport } from './commands/write-report.ts'
import type { RunningChecks } from './observe/running-checks.ts'

export interface ExecutorParts
  extends StartParts,
    PromptParts,
    RotationParts,
    Omit<MergeParts, 'inHub' | 'baseRunner'>,
    SavingParts,
    ReportParts {
  readonly dispatch: (event: NewEvent) => boolean
  readonly parseTaskList: ParseTaskList
  readonly runningChecks: RunningChecks
}

/**
 * Executes commands: one queue per instance, several per line, and one for the run. The outcome
 * comes back as an event; only here a failed effect becomes an event.
 */
export class Executor {
  readonly #queue = new SerialQueue<string>()
  readonly #parts: ExecutorParts
  readonly #inHub: InHub = (line, job) => this.#queue.run(hubOf(line), job)
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
        const { instance, launch } = command
        const seen = await probeInstance(instance, this.#parts)
        return seen === null ? [] : [{ ...seen, instance, launch }]
      }
      case 'interrupt-turn': {
        const { instance, launch } = command
        if (!isInterrupting(command, state())) return []
        await interruptTurn(instance, this.#parts)
        return [{ type: 'turn-interrupted', instance, launch }]
      }
      case 'save-work':
        return [await saveWork(command, this.#parts)]
      case 'forget-backup':
        await repositoryOf(command.line).forgetBackup(command.backup)
        return [{ type: 'backup-forgotten', backup: command.backup }]
      case 'merge-task':
        await mergeTask(command, {
          ...this.#parts,
          inHub: this.#inHub,
          checkRunner: this.#observed(command.line, command.task),
          baseRunner: this.#observed(command.line, null),
        })
        return []
      case 'check-base': {
        const { line, commit } = command
        const checkRunner = this.#observed(line, null)
        const failure = await checkBase(commit, { ...this.#parts, checkRunner })
        return [
          failure === null
            ? { type: 'base-passed', line, commit }
            : { type: 'base-failed', line, failure },
        ]
      }
      case 'commit-lists': {
        const { line } = command
        const head = await commitLists(repositoryOf(line), state(), line)
        return [{ type: 'lists-committed', line, head }]
      }
      case 'merge-upstream':
        await mergeUpstream(command, { ...this.#parts, inHub: this.#inHub })
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

  /** Runs checks that `/status` shows. */
  #observed(line: LineId, task: TaskId | null): CheckRunner {
    return this.#parts.runningChecks.observe(this.#parts.checkRunner, { line, task })
  }
}

/** False when the instance has a newer launch, which a late command must not touch. */
const isCurrent = (
  { instance, launch }: Extract<Command, { launch: Launch }>,
  { instances }: State,
): boolean => instances.get(instance)?.launch === launch

/** False when the turn ended, or the instance was lost, while the command was queued. */
const isInterrupting = (
  { instance, launch }: Extract<Command, { type: 'interrupt-turn' }>,
  { instances }: State,
): boolean => {
  const found = instances.get(instance)
  return found?.launch === launch && found.phase.name === 'interrupting'
}

/**
 * Commands of one queue run one after the other; git locks a hub's refs, so a line is one queue.
 * What takes long and changes nothing in the hub holds up nothing else: a push, a fetch, and the
 * checks of a branch and of a merge. What follows them in the hub enters the line's queue
 * (`#inHub`).
 */
function queueOf(command: Command): string {
  if ('instance' in command) return command.instance
  if (command.type === 'publish') return `push:${command.line}`
  if (command.type === 'merge-upstream') return `fetch:${command.line}`
  if (command.type === 'merge-task') return `merge:${command.line}`
  if (command.type === 'check-base') return `check:${command.line}`
  return 'line' in command ? hubOf(command.line) : 'run'
}

const hubOf = (line: LineId): string => `line:${line}`

const someEvent = (event: NewEvent | null): readonly NewEvent[] => (event === null ? [] : [event])
