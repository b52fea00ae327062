/** What people do, and how the origin answers. */
export const peopleFaults = {
  'human-push': { what: 'A human pushes to the origin.', in: ['simulation', 'chaos'] },
  'team-resized': {
    what: 'The server is started with another number of workers.',
    in: ['simulation'],
  },
  'list-deleted': {
    what: 'A human deletes a task list, or one that no worker has.',
    in: ['simulation', 'chaos'],
  },
  'human-directs': { what: 'A human edits PROJECT_DIRECTION.md.', in: ['simulation', 'chaos'] },
  'origin-conflict': {
    what: 'A human pushes to the origin what conflicts with work of the run.',
    in: ['simulation', 'chaos'],
  },
  'origin-rewritten': {
    what: 'A human force-pushes an older commit to the origin.',
    in: ['simulation', 'chaos'],
  },
  'human-plans': { what: 'A human edits a task list on the origin.', in: ['simulation', 'chaos'] },
  'human-ticks': {
    what: 'A human ticks a task by hand, in a list on the origin.',
    in: ['simulation'],
  },
  'human-away': { what: 'A human answers nothing for an hour.', in: ['simulation'] },
  'target-moves': {
    what: 'The target branch moves during a merge.',
    in: ['simulation', 'e2e'],
  },
  'publish-refused': { what: 'The origin refuses a push.', in: ['simulation', 'chaos'] },
  'origin-away': { what: 'The origin cannot be reached.', in: ['simulation', 'chaos'] },
  'origin-hangs': {
    what: 'The origin accepts a call and never answers.',
    in: ['simulation', 'chaos'],
  },
  'push-unanswered': {
    what: 'The server receives no answer to a push, which arrives or not; a human may take it back.',
    in: ['simulation'],
  },
  'origin-slow': { what: 'A push takes long and succeeds.', in: ['simulation', 'chaos'] },
  'origin-protected': {
    what: 'The origin protects its branch and refuses every push for a while.',
    in: ['simulation'],
  },
  'origin-deleted': {
    what: 'A human deletes the branch at the origin and pushes it again later.',
    in: ['simulation'],
  },
  'run-accepted': {
    what: 'A human ends the run although the origin lacks work of it.',
    in: ['simulation'],
  },
} as const
