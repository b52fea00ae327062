import type { CredentialId, InstanceId, Launch } from '../core/model/ids.ts'
import type { Role } from '../core/model/roles.ts'
import type { Login } from './instance-files.ts'

/** One start of an instance; the adapter decides where and how it runs. */
export interface LaunchOrder {
  readonly instance: InstanceId
  readonly role: Role
  /** The instance's number within its role: a worker's `WORKER_ID`; 0 for the Manager. */
  readonly number: number
  readonly launch: Launch
  readonly totalWorkers: number
  /** Bearer token with which the hooks and tools of this launch authenticate to the server. */
  readonly token: string
  readonly credential: CredentialId
  /** Environment variables from the credential file: names and secret values. */
  readonly credentialEnvironment: Readonly<Record<string, string>>
  /** A login that renews itself, instead of variables. */
  readonly login: Login | null
  /** Claude Code reports to the server what each request used; the gateway counts by itself. */
  readonly tellsUsage: boolean
  /** Continue the instance's last conversation instead of starting a new one. */
  readonly resume: boolean
}

export interface RunningInstance {
  readonly instance: InstanceId
  readonly launch: Launch
  /** Set when a start would now give it another image, tools, executable or boundary. */
  readonly outdated?: Outdated
}

export interface Outdated {
  readonly reason: string
  /** False when the server does not understand its tools, or it has another boundary. */
  readonly isUsable: boolean
}

/**
 * The status that Claude Code reports: `shell` is idle with a background shell, `waiting` is a
 * dialog that needs a human.
 */
export type AgentStatus = 'idle' | 'busy' | 'waiting' | 'shell'

export type InstanceNotice =
  /** `blame`: it was found dead after the engine that runs it had been away. */
  | {
      readonly type: 'died'
      readonly instance: InstanceId
      readonly launch: Launch
      readonly cause: string
      readonly blame?: 'engine'
    }
  | { readonly type: 'status'; readonly instance: InstanceId; readonly status: AgentStatus | null }

/** Runs instances: one per id, the newest launch only. Every call may be repeated. */
export interface Instances {
  /**
   * Starts the launch or finds it running. An older launch of the same instance is ended first; its
   * files are kept. A process only begins to run, and to be listed, once its terminal is open.
   */
  ensureRunning(order: LaunchOrder): Promise<void>
  /** Ends what runs for the instance; workspace and conversation stay. */
  ensureStopped(instance: InstanceId): Promise<void>
  /**
   * Removes every trace of this run's instances but their workspaces: for `--stop-instances` and
   * for a finished run.
   */
  ensureAllStopped(): Promise<void>
  listRunning(): Promise<readonly RunningInstance[]>
  /** The last known status of the running launch, null until Claude Code has reported one. */
  status(instance: InstanceId): AgentStatus | null
  /** Reports deaths and changes of status as they happen, until disposed. */
  watch(listener: (notice: InstanceNotice) => void): Disposable
  /**
   * The command that a terminal runs to show the instance and to type into it; it differs for every
   * launch. For a process it is what runs the agent: such an instance ends with its terminal,
   * though never with the server.
   */
  terminalCommand(instance: InstanceId): readonly string[]
  /** The name under which the operator finds the instance outside; null where it has none. */
  externalNameOf(instance: InstanceId): string | null
}
