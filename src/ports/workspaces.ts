import type { InstanceId, TaskId } from '../core/model/ids.ts'

export interface ToolOutcome {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** Serves git's upload-pack until disposed. */
export interface Salvage extends AsyncDisposable {
  readonly uploadPack: readonly string[]
}

/** The private working copies of instances: what runs in them, and how git reads them. */
export interface Workspaces {
  /**
   * Runs one of the instance's own tools in its workspace, as the instance and inside its boundary.
   * `argv` begins with the tool's name in `docker/tools/`. Rejects when the instance does not run.
   */
  runTool(instance: InstanceId, argv: readonly string[]): Promise<ToolOutcome>
  /** A command whose stdin and stdout speak git's upload-pack for the workspace. */
  uploadPack(instance: InstanceId): readonly string[]
  /** The same for git's receive-pack. */
  receivePack(instance: InstanceId): readonly string[]
  /**
   * Offers everything in the workspace, committed or not, as the one ref `refs/worktree/salvage`,
   * and changes nothing there; null where there is no workspace. It needs no running agent: the
   * work of a dead, paused or hanging one is saved the same way.
   */
  salvage(instance: InstanceId, task: TaskId): Promise<Salvage | null>
}
