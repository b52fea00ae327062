import type { CredentialId, InstanceId, Launch, TaskId } from '../core/model/ids.ts'
import type { Role } from '../core/model/instance.ts'

/** One start of an instance, in our words; the adapter decides where and how it runs. */
export interface LaunchOrder {
  readonly instance: InstanceId
  readonly role: Role
  /** The instance's number within its role: a worker's `WORKER_ID`; 0 for the Manager. */
  readonly number: number
  readonly launch: Launch
  readonly totalWorkers: number
  /** Identity of this launch towards the server: bearer of its hooks and its tools. */
  readonly token: string
  readonly credential: CredentialId
  /** What the credential file gives Claude Code: names and secret values of environment variables. */
  readonly credentialEnvironment: Readonly<Record<string, string>>
  /** A login that renews itself, instead of variables. */
  readonly login: Login | null
  /** Claude Code tells the server what each request used; the gateway counts by itself. */
  readonly tellsUsage: boolean
  /** Continue the instance's last conversation instead of starting a new one. */
  readonly resume: boolean
}

export interface RunningInstance {
  readonly instance: InstanceId
  readonly launch: Launch
}

/** What Claude Code says of itself: `shell` is idle with a background shell, `waiting` is a dialog that wants a human. */
export type AgentStatus = 'idle' | 'busy' | 'waiting' | 'shell'

export type RuntimeNotice =
  /** `blame`: it was found dead after what it runs on had been away. */
  | {
      readonly type: 'died'
      readonly instance: InstanceId
      readonly launch: Launch
      readonly cause: string
      readonly blame?: 'engine'
    }
  | { readonly type: 'status'; readonly instance: InstanceId; readonly status: AgentStatus | null }

/** A credential that Claude Code renews by itself: whoever has it has a file, and nobody else may use it meanwhile. */
export interface Login {
  readonly id: CredentialId
  /** The whole `.credentials.json`. */
  readonly text: string
}

/** Logins in instances, running or not. Which one an instance has is what was put there; its text is what the instance has made of it. */
export interface Logins {
  place(instance: InstanceId, login: Login): Promise<void>
  look(instance: InstanceId): Promise<Login | null>
  /** Takes away whatever login there is, and answers its last text; null when none was put there. */
  take(instance: InstanceId): Promise<Login | null>
  borrowersOf(credential: CredentialId): Promise<readonly InstanceId[]>
  /** Texts as they change, beginning with the first one that is seen of an instance, until disposed. */
  watch(listener: (instance: InstanceId, login: Login) => void): Disposable
}

/** Something that speaks git's upload-pack for as long as it is not disposed. */
export interface Salvage extends AsyncDisposable {
  readonly uploadPack: readonly string[]
}

export interface Outcome {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

export interface CheckOutcome {
  readonly ok: boolean
  /** What the commands printed, the last 16 KiB of it. */
  readonly output: string
}

/** Runs instances: one per id, the newest launch only. Everything here may be asked twice. */
export interface Runtime {
  readonly kind: 'docker' | 'process'
  /** Throws with a remedy in the message when instances cannot run on this machine. */
  ensureUsable(): Promise<void>
  /** The address under which instances reach the server, once it listens. */
  addressForInstances(): Promise<{ readonly host: string }>
  /**
   * Starts the launch or finds it running; an older launch of the same instance is ended first, its files are kept. A process only begins to
   * run, and to be listed, once its terminal is open.
   */
  ensureRunning(order: LaunchOrder): Promise<void>
  readonly logins: Logins
  /** Replaces the variables of a running launch's credential without disturbing it. */
  replaceCredential(
    instance: InstanceId,
    environment: Readonly<Record<string, string>>,
  ): Promise<void>
  /** Ends whatever runs for the instance; workspace and conversation stay. */
  ensureStopped(instance: InstanceId): Promise<void>
  listRunning(): Promise<readonly RunningInstance[]>
  /** Under what name the operator finds the instance on its engine; null where there is none. */
  placeOf(instance: InstanceId): string | null
  /**
   * What a terminal must run to show the instance and to type into it; another command for every launch. For a process it is what runs the
   * agent: such an instance ends with its terminal, though never with the server.
   */
  terminalCommand(instance: InstanceId): readonly string[]
  /** Runs one of the instance's own tools, `argv` beginning with its name in `docker/tools/`, as the instance and inside its boundary. */
  run(instance: InstanceId, argv: readonly string[]): Promise<Outcome>
  /** A command whose stdin and stdout speak git's upload-pack for the instance's workspace. */
  uploadPack(instance: InstanceId): readonly string[]
  /**
   * Offers all that is in the instance's workspace, committed or not, as the one ref `refs/worktree/salvage`, and changes nothing there; null
   * where there is no workspace. It needs no running agent: a dead, paused or hanging one's work is saved the same way.
   */
  salvage(instance: InstanceId, task: TaskId): Promise<Salvage | null>
  /** The last known status of the running launch, null while Claude Code has not said any. */
  status(instance: InstanceId): AgentStatus | null
  /** Deaths and changes of status as they happen, until disposed. */
  watch(listener: (notice: RuntimeNotice) => void): Disposable
  /**
   * Runs shell commands, one after the other, on a commit of the hub in a clean place of its own: without any credential, and without a
   * network where there is a boundary.
   */
  check(commit: string, commands: readonly string[], timeoutMs: number): Promise<CheckOutcome>
  /** Removes every trace of this run's instances but their workspaces: for `--stop-instances` and for a finished run. */
  ensureAllStopped(): Promise<void>
}
