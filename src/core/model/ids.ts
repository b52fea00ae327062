declare const kind: unique symbol
type Id<Kind extends string> = string & { readonly [kind]: Kind }

/**
 * `manager`, `worker-1` …; also the value of the container's label and the name of the tmux
 * session.
 */
export type InstanceId = Id<'instance'>
/**
 * Chosen by the Manager: 1–48 of `a-z 0-9 -`, which is safe in branch names, file names and shells.
 */
export type TaskId = Id<'task'>
/** The credential file's name without its extension. */
export type CredentialId = Id<'credential'>
/** Names everything that a run owns outside the server: containers, refs, sessions. */
export type RunId = Id<'run'>
/** One branch of one repository into which the run merges: `main` where there is only one. */
export type LineId = Id<'line'>
export type RepositoryId = Id<'repository'>
/** `<instance>/<task>/<number>`: the name of the ref under `refs/backup/`. */
export type BackupId = Id<'backup'>
/** A full git object name. */
export type Commit = Id<'commit'>

export const InstanceId = (text: string): InstanceId => text as InstanceId
export const TaskId = (text: string): TaskId => text as TaskId
export const CredentialId = (text: string): CredentialId => text as CredentialId
export const RunId = (text: string): RunId => text as RunId
export const LineId = (text: string): LineId => text as LineId
export const RepositoryId = (text: string): RepositoryId => text as RepositoryId
export const BackupId = (text: string): BackupId => text as BackupId
export const Commit = (text: string): Commit => text as Commit

/** The number of one start of an instance. Events of an older launch are refused. */
export type Launch = number

/** Milliseconds since the epoch. The core gets it only as an event's `at`. */
export type Instant = number

export const managerId = InstanceId('manager')
export const workerId = (number: number): InstanceId => InstanceId(`worker-${number}`)

/** The branch, in a worker's own workspace, on which a task is built. */
export const taskBranch = (task: TaskId): string => `task/${task}`

const taskIdShape = /^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$/
export const isTaskId = (text: string): text is TaskId => taskIdShape.test(text)
