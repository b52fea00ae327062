/** The part of `transitions` that concerns tasks. */
export const taskTransitions = {
  none: ['proposed', 'waiting'],
  proposed: [
    'proposed', // replaced by a new version of the plan
    'waiting',
    'done', // ticked by hand
    'cancelled',
  ],
  waiting: [
    'waiting', // replaced by a new version of the plan
    'proposed', // replaced, or from a task list, when plans need approval
    'queued',
    'blocked', // it depends on a task that was cancelled
    'done', // ticked by hand
    'cancelled',
  ],
  queued: [
    'waiting', // replaced by a new version of the plan
    'proposed', // replaced, and plans need approval
    'assigned',
    'blocked', // its budget is used up
    'done', // ticked by hand
    'cancelled',
  ],
  assigned: [
    'assigned', // its worker was restarted
    'working',
    'reported', // its worker used the tool before the prompt was confirmed
    'queued', // its worker is out of service
    'blocked',
    'done', // ticked by hand, or its worker used the tool before the prompt was confirmed
    'cancelled',
  ],
  working: [
    'assigned', // its worker was restarted
    'reported',
    'queued', // its worker is out of service
    'blocked',
    'done', // ticked by hand, or it needs no commit
    'cancelled',
  ],
  reported: [
    'merging',
    'done', // ticked by hand
    'cancelled',
  ],
  merging: [
    'merging', // tried again
    'merged',
    'conflicted',
    'rejected',
    'blocked', // returned too often
    'done', // ticked by hand after its merge failed
    'cancelled', // its merge failed
  ],
  conflicted: [
    'assigned',
    'blocked', // its budget is used up
    'done', // ticked by hand
    'cancelled',
  ],
  rejected: [
    'assigned',
    'blocked', // its budget is used up
    'done', // ticked by hand
    'cancelled',
  ],
  blocked: [
    'queued',
    'done', // ticked by hand
    'cancelled',
  ],
  merged: [
    'conflicted', // a person rewrote the origin, and the work does not fit the new history
  ],
  done: [],
  cancelled: [
    'proposed', // planned again
    'waiting', // planned again
  ],
} as const
