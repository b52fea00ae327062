import type { FaultProfile } from './fault-profile.ts'

export interface Regression {
  readonly seed: number
  /** The seed's own when it is missing. */
  readonly profile?: FaultProfile
  /** What it once found. */
  readonly why: string
}

/**
 * Seeds that once broke a promise. What a seed does changes with the simulation; what it found has
 * a test of its own as well.
 */
export const regressions: readonly Regression[] = [
  { seed: 11, why: 'the last task of a worker that had lent its credential was never given out' },
  {
    seed: 253,
    why: 'an instance that was needed waited for ever for a credential that an idle worker held',
  },
  { seed: 466, why: 'work came back to a worker that had lent its credential, and stayed there' },
  {
    seed: 454,
    why: 'an instance that came back into service had forgotten which hooks it had taken',
  },
  {
    seed: 10004124,
    why: 'a worker that had missed the brief reported an old branch, which lacked what another had handed in',
  },
  {
    seed: 20005854,
    why: 'an idle Manager that had not taken its new credential kept the old one from a worker for ever',
  },
  {
    seed: 795191530,
    why: 'a task whose merge had landed without an answer was cancelled before the next try',
  },
  {
    seed: 100004790,
    why: 'a credential that was in two pairs of hands when its window ended was given to neither, for ever',
  },
  { seed: 300026010, why: 'the run ended while an edit of a list was on its way' },
  {
    seed: 500014331,
    why: 'a late report of one task was thanked for as the repeated report of another',
  },
  {
    seed: 600034566,
    why: 'a Manager whose hooks were late stood ready without a credential, and the run could not end',
  },
  {
    seed: 31019876,
    why: 'a run waited for ever for the approval of a plan whose every task was cancelled',
  },
  {
    seed: 41000381,
    why: 'merged work that came back was on the list of a worker that was gone',
  },
  {
    seed: 120002503,
    why: 'a cancelled task that was planned again was on the list of a worker that was gone',
  },
  {
    seed: 99095938,
    why: 'what a dismissed worker changed while its work was saved was lost',
  },
  { seed: 700012540, why: 'people’s list edits were marked as read by a server that was stopping' },
  { seed: 800031268, why: 'a death was not noticed while terminals could not be opened' },
  { seed: 880000276, why: 'work whose checks ran while a person accepted their failure was held' },
  { seed: 880000336, why: 'a worker that asked between its returns was never left to a person' },
  {
    seed: 940004438,
    why: 'what a worker changed between its quarantine and its stop was not saved',
  },
  { seed: 950004374, why: 'a worker came back from quarantine, and its work was not saved before' },
]
