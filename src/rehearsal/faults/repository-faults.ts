/** What strikes the repositories of a run. */
export const repositoryFaults = {
  'git-lock': { what: 'A dead process left a lock in the hub.', in: ['chaos', 'e2e'] },
  'git-kill': { what: 'The server’s git commands are killed.', in: ['e2e'] },
  'branch-rewritten': {
    what: 'A worker rewrites or deletes its branch after its report.',
    in: ['e2e'],
  },
} as const
