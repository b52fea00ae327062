import type { BackupId, Commit, InstanceId } from '../../src/core/model/ids.ts'
import type { BackupOutcome } from '../../src/ports/repository.ts'

/** The refs under `refs/backup/`: a commit is kept once for each worker and task. */
export class FakeBackups {
  readonly #refs = new Map<BackupId, Commit>()
  /** By instance and task: a snapshot of what is changed and not committed. */
  readonly #drafts = new Map<string, Commit>()

  /** By instance and ref. */
  readonly #delivered = new Map<string, Commit>()

  /** Null when everything is committed. */
  draft(branch: string, commit: Commit | null): void {
    if (commit === null) this.#drafts.delete(branch)
    else this.#drafts.set(branch, commit)
  }

  draftOf(branch: string): Commit | undefined {
    return this.#drafts.get(branch)
  }

  /** `isKnown`: the hub has it in another way. */
  keep(backup: BackupId, commit: Commit, isKnown: boolean): BackupOutcome {
    const siblings = backup.slice(0, backup.lastIndexOf('/') + 1)
    const isKept = [...this.#refs].some(
      ([id, kept]) => id !== backup && id.startsWith(siblings) && kept === commit,
    )
    if (isKnown || isKept) return { type: 'unchanged' }
    this.#refs.set(backup, commit)
    return { type: 'saved', commit }
  }

  /** Returns the name of the ref in the workspace; null when there is no such backup. */
  deliver(instance: InstanceId, backup: BackupId): string | null {
    const commit = this.#refs.get(backup)
    if (commit === undefined) return null
    const ref = `refs/worktree/backup/${backup}`
    this.#delivered.set(`${instance} ${ref}`, commit)
    return ref
  }

  delivered(instance: InstanceId, ref: string): Commit | null {
    return this.#delivered.get(`${instance} ${ref}`) ?? null
  }

  forget(backup: BackupId): void {
    this.#refs.delete(backup)
  }

  get refs(): ReadonlyMap<BackupId, Commit> {
    return this.#refs
  }
}
