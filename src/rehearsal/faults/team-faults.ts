/** What the Manager and workers do that they should not, or that others have to cope with. */
export const teamFaults = {
  silence: { what: 'An agent does nothing for long.', in: ['simulation'] },
  question: { what: 'A worker asks.', in: ['simulation'] },
  collision: { what: 'Two tasks change the same file.', in: ['simulation'] },
  lie: { what: 'A worker reports what it has not done.', in: ['simulation'] },
  'no-commit': { what: 'A worker reports that its task needs no commit.', in: ['simulation'] },
  confusion: { what: 'An agent calls a tool at the wrong time.', in: ['simulation'] },
  'manager-waves': {
    what: 'The Manager plans a few tasks at a time.',
    in: ['simulation'],
  },
  'manager-never-completes': {
    what: 'The Manager never says that the plan is complete.',
    in: ['simulation'],
  },
  'manager-repeats': {
    what: 'The Manager submits tasks again that are planned already.',
    in: ['simulation'],
  },
  'manager-over-plans': {
    what: 'The Manager adds tasks when everything is done.',
    in: ['simulation'],
  },
  'manager-ignores': {
    what: 'The Manager ends its turn without having called a tool.',
    in: ['simulation'],
  },
  'worker-gives-up': {
    what: 'Workers stop without a report on a task, until a person answers.',
    in: ['simulation'],
  },
  'work-squashed': {
    what: 'A worker squashes its branch by a soft reset to the target, which undoes others’ work.',
    in: ['simulation', 'chaos'],
  },
  'work-one-sided': {
    what: 'A worker takes its own side of every conflict, in a merge or a rebase.',
    in: ['simulation', 'chaos'],
  },
  'work-amended': { what: 'A worker amends a commit of its branch.', in: ['simulation', 'chaos'] },
  'protected-touched': { what: 'A worker changes a protected path.', in: ['simulation'] },
  'work-renamed': { what: 'A worker renames a file.', in: ['simulation'] },
  'work-rebased': {
    what: 'A worker rebases its branch onto the target and keeps both sides of every conflict.',
    in: ['simulation'],
  },
  'work-elsewhere': {
    what: 'A worker commits on another branch than that of its task, and reports that.',
    in: ['simulation'],
  },
  'origin-unmerged': {
    what: 'A worker reports the merge of the origin without having made it.',
    in: ['simulation'],
  },
} as const
