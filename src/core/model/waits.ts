import type { transitions } from './transitions.ts'

/**
 * What ends a phase at the latest: its own `deadline`, a `human`, or `another` phase, whose wait is
 * in this table too. `nothing`: the phase waits for nothing. A phase may end before its deadline.
 */
type Wait = 'deadline' | 'human' | 'another' | 'nothing'

type Waits = {
  readonly [Noun in keyof typeof transitions]: Readonly<
    Record<Exclude<keyof (typeof transitions)[Noun], 'none'>, Wait>
  >
}

/** Every phase must have an entry; a test compares the table with the deadlines of states. */
export const waitsFor = {
  instance: {
    absent: 'another', // a credential: cooling, leased, or added by a human
    queued: 'another', // an instance that starts
    starting: 'deadline', // its SessionStart hook and its tools
    ready: 'another', // a queued task; for the Manager, the run
    prompted: 'deadline', // its rotation, the hook that answers `/clear`, or the one that confirms
    working: 'deadline', // a heartbeat
    interrupting: 'deadline', // the outcome of interrupt-turn
    'rate-limited': 'deadline', // its own, or that of its rotation
    'backing-off': 'deadline',
    quarantined: 'deadline',
    stopping: 'deadline', // the outcome of stop-instance
    stopped: 'nothing',
  },
  task: {
    proposed: 'human', // it awaits approval
    waiting: 'another', // the tasks that it depends on
    queued: 'another', // an instance that becomes ready
    assigned: 'another', // its instance
    working: 'another', // its instance
    reported: 'another', // its merge
    merging: 'another', // its merge
    merged: 'nothing',
    done: 'nothing',
    conflicted: 'another', // an instance that becomes ready
    rejected: 'another', // an instance that becomes ready
    blocked: 'deadline', // the Manager is reminded; a human may answer too
    cancelled: 'nothing',
  },
  merge: {
    queued: 'another', // the merge at the head of the queue
    trying: 'deadline', // the outcome of merge-task
    checking: 'deadline', // the outcome of merge-task
    held: 'another', // the sync `checks` of its line
    failed: 'deadline', // behind others, for the merge at the head of the queue
  },
  credential: {
    fresh: 'nothing',
    leased: 'another', // its holder
    cooling: 'deadline',
    rejected: 'human',
    spent: 'human',
    disabled: 'human',
    missing: 'human',
  },
  backup: {
    saving: 'deadline', // the outcome of save-work
    failed: 'deadline',
    unsaved: 'human', // the workspace still has it
    saved: 'another', // the merge of its task
    deleted: 'deadline',
    forgetting: 'deadline', // the outcome of forget-backup
  },
  run: {
    planning: 'another', // the Manager
    'awaiting-approval': 'human',
    executing: 'another', // its tasks, and then the Manager
    finishing: 'deadline', // the outcome of write-report, and then the syncs
    publishing: 'deadline', // the outcome of write-report, and then the syncs, or a human
    done: 'deadline', // the outcome of stop-everything, and then nothing
    failed: 'human',
  },
  sync: {
    // But `upstream` fetches again after `upstreamEveryMs`, and `checks` run again on a branch that
    // fails them.
    current: 'nothing',
    // The run, which starts it at once unless it is over; a push, the merge of a conflict.
    outdated: 'another',
    running: 'deadline', // the outcome of its command
    failed: 'deadline',
  },
} as const satisfies Waits
