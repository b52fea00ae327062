import type { BackupPhase } from './backup.ts'
import type { CredentialPhase } from './credential.ts'
import type { InstancePhase } from './instance.ts'
import type { MergePhase } from './merge.ts'
import type { Sync } from './line.ts'
import type { RunPhase } from './run.ts'
import type { TaskPhase } from './task.ts'
import { taskTransitions } from './task-transitions.ts'

/**
 * For each phase, the phases that may follow. `none` means that the thing does not exist yet, or no
 * longer.
 */
type Arrows<Phase extends { readonly name: string }> = Readonly<
  Record<Phase['name'] | 'none', readonly (Phase['name'] | 'none')[]>
>

/**
 * Every legal change of phase. `Draft` enforces the table, the diagrams of ARCHITECTURE.md are
 * printed from it, and a test takes every arrow. A phase that may follow itself is entered again,
 * with a new `since`.
 */
export const transitions = {
  instance: {
    none: ['absent'],
    absent: ['queued', 'starting', 'stopping'],
    queued: [
      'starting',
      'absent', // its credential is gone, and no other one is free
      'stopping',
    ],
    starting: ['ready', 'backing-off', 'quarantined', 'stopping'],
    ready: [
      'prompted',
      'working', // a turn that a human or Claude Code itself began
      'backing-off',
      'quarantined',
      'stopping',
    ],
    prompted: [
      'prompted', // sent again; or, through the gateway, resumed with another credential
      'working',
      'rate-limited', // the failed turn was reported before the hook that confirms the prompt
      'backing-off',
      'quarantined',
      'stopping',
    ],
    working: [
      'ready',
      'prompted', // through the gateway a turn is resumed at once with another credential
      'rate-limited',
      'interrupting', // it was busy and silent for too long
      'backing-off',
      'quarantined',
      'stopping',
    ],
    interrupting: [
      'prompted', // the prompt says what hung
      'ready', // the next turn hung too: its task is blocked; or it holds no task any more
      'backing-off', // it cannot be interrupted
      'quarantined',
      'stopping',
    ],
    'rate-limited': [
      'rate-limited', // parked again, or a credential is being applied
      'prompted',
      'working', // a turn that a human or Claude Code itself began
      'backing-off',
      'quarantined',
      'stopping',
    ],
    'backing-off': [
      'queued',
      'starting',
      'absent', // no credential is free
      'stopping',
    ],
    quarantined: [
      'queued',
      'starting',
      'absent', // no credential is free, or the server restarted
      'stopping',
    ],
    stopping: [
      'stopped',
      'absent', // the restarted server is configured for it again
    ],
    stopped: [
      'absent', // the restarted server is configured for it again
    ],
  },
  task: taskTransitions,
  merge: {
    none: ['queued'],
    queued: [
      'trying',
      'none', // its task is cancelled
    ],
    trying: [
      'checking',
      'held',
      'failed',
      'queued', // the server restarted, or a person accepted the failed checks meanwhile
      'none',
    ],
    checking: [
      'held',
      'failed',
      'queued', // the server restarted, or a person accepted the failed checks meanwhile
      'none',
    ],
    held: [
      'queued', // the branch passes or fails a later check, or a person answers
      'none', // its task is cancelled, or a person returns it
    ],
    failed: [
      'trying',
      'held', // the result of a timed-out try arrived late
      'queued', // so did this one, and a person accepted the failed checks meanwhile
      'none', // its task is cancelled, or the result of a timed-out try arrived late
    ],
  },
  credential: {
    none: ['fresh'],
    fresh: [
      'fresh', // its file has a new secret
      'leased',
      'cooling',
      'rejected',
      'spent',
      'disabled',
      'none', // its file is gone
    ],
    leased: [
      'leased', // shared, or its file has a new secret
      'fresh',
      'cooling',
      'rejected',
      'spent',
      'disabled',
      'missing',
    ],
    // A second report about one that is out of use replaces the first.
    cooling: ['fresh', 'leased', 'cooling', 'rejected', 'spent', 'disabled', 'missing', 'none'],
    rejected: ['fresh', 'leased', 'cooling', 'rejected', 'spent', 'disabled', 'missing', 'none'],
    spent: ['fresh', 'leased', 'cooling', 'rejected', 'spent', 'disabled', 'missing', 'none'],
    disabled: ['fresh', 'leased', 'disabled', 'missing', 'none'],
    missing: [
      'fresh', // its file is back
      'leased',
      'disabled',
      'none', // its last holder has another one
    ],
  },
  backup: {
    none: ['saving'],
    saving: [
      'saving', // the server restarted
      'saved',
      'failed',
      'unsaved',
      'none', // the workspace has nothing new
    ],
    failed: [
      'saving',
      'none', // its task is merged
    ],
    unsaved: [
      'none', // its task is merged
    ],
    saved: ['deleted'],
    deleted: ['saved', 'forgetting'],
    forgetting: ['none'],
  },
  run: {
    none: ['planning'],
    planning: ['awaiting-approval', 'executing', 'failed'],
    'awaiting-approval': [
      'executing',
      'planning', // no proposed task is left
    ],
    executing: ['finishing'],
    finishing: [
      'executing', // someone added a task to a list
      'publishing', // an origin refuses the last push
      'done',
    ],
    publishing: [
      'executing', // someone added a task to a list
      'done',
    ],
    done: [
      'publishing', // ended too early by an older server, or its work is to go elsewhere
    ],
    failed: [
      'planning', // the server restarted
    ],
  },
  sync: {
    none: ['current'],
    current: ['outdated'],
    outdated: ['running'],
    running: ['current', 'outdated', 'failed'],
    failed: [
      'outdated', // out of sync again, which does not wait for the pause
      'running',
      'current', // the result of a timed-out try arrived late
    ],
  },
} as const satisfies {
  readonly instance: Arrows<InstancePhase>
  readonly task: Arrows<TaskPhase>
  readonly merge: Arrows<MergePhase>
  readonly credential: Arrows<CredentialPhase>
  readonly backup: Arrows<BackupPhase>
  readonly run: Arrows<RunPhase>
  readonly sync: Arrows<Sync>
}

export type Noun = keyof typeof transitions
