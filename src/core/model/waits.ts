import type { transitions } from './transitions.ts'

/**
 * What ends a phase at the latest: its own `deadline`, a `human`, or `another` phase, whose wait is
 * in this table too. `nothing`: the phase waits for nothing. A phase may end before its deadline.
 */
export type Wait = 'deadline' | 'human' | 'another' | 'nothing'

/** Several where it depends on the state which one it is. */
type Entry = Wait | readonly Wait[]

type Waits = {
  readonly [Noun in keyof typeof transitions]: Readonly<
    Record<Exclude<keyof (typeof transitions)[Noun], 'none'>, Entry>
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
    queued: ['another', 'human'], // the merge at the head; an answer about a rewritten origin
    trying: 'deadline', // the outcome of merge-task
    checking: 'deadline', // the outcome of merge-task
    held: ['another', 'human'], // the sync `checks` of its line; an answer about protected paths
    // Behind others, for the merge at the head of the queue; an answer about a rewritten origin.
    failed: ['deadline', 'human'],
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
    // The run, which starts it at once unless it is over; a push, the merge of a conflict; an
    // answer about a rewritten origin.
    outdated: ['another', 'human'],
    running: 'deadline', // the outcome of its command
    failed: 'deadline',
  },
} as const satisfies Waits

const entries: Readonly<Record<string, Readonly<Record<string, Entry>>>> = waitsFor

/** All that the phase may wait for. */
export const waitsOf = (noun: keyof Waits, phase: string): readonly Wait[] =>
  [entries[noun]?.[phase] ?? []].flat()
