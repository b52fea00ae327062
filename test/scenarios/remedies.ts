import { TaskId } from '../../src/core/model/ids.ts'
import type { State } from '../../src/core/model/state.ts'
import type { routes } from '../../src/http/contract/routes.ts'
import { held, working } from '../support/limits.ts'
import * as runs from '../support/needing-runs.ts'
import { line, one, type Run } from '../support/run.ts'

/** A command line that `/status` prints, and what it changes. */
export interface Remedy {
  readonly route: keyof typeof routes
  /** A part of its body, where lines of the same route differ. */
  readonly body?: string
  /** A state in which it is printed. */
  readonly given: () => Run
  /** What the line is about, in the state. */
  readonly shows: (state: State) => unknown
  /** What `shows` answers before and after it. */
  readonly turns: readonly [unknown, unknown]
}

const phaseOf = (id: 'a' | 'b') => (state: State) => state.tasks.get(TaskId(id))?.phase.name
const verdict = ({ lines }: State) => lines.get(line)?.rewrite?.verdict
const accepted = ({ hosts }: State) => hosts.uploads.map(({ isAccepted }) => isAccepted)
const allowed = ({ hosts }: State) => hosts.allowed
const poolPhases = ({ credentials }: State) => [
  ...new Set([...credentials.values()].map(({ phase }) => phase.name)),
]
/** The credential that the worker had until it was used up. */
const used = held(working(0))

export const remedies: readonly Remedy[] = [
  {
    route: 'approvePlan',
    given: runs.unapproved,
    shows: ({ run }) => run.phase.name,
    turns: ['awaiting-approval', 'executing'],
  },
  {
    route: 'approvePlan',
    given: runs.grown,
    shows: phaseOf('b'),
    turns: ['proposed', 'queued'],
  },
  {
    route: 'completePlan',
    given: runs.silent,
    shows: ({ run }) => run.planCompletedBy,
    turns: [null, 'operator'],
  },
  {
    route: 'acceptRun',
    given: runs.publishing,
    shows: ({ run }) => run.phase.name,
    turns: ['publishing', 'done'],
  },
  {
    route: 'answerRewrite',
    body: 'follow',
    given: runs.rewritten,
    shows: verdict,
    turns: [null, 'follow'],
  },
  {
    route: 'answerRewrite',
    body: 'keep',
    given: runs.rewritten,
    shows: verdict,
    turns: [null, 'keep'],
  },
  {
    route: 'answerChecks',
    body: 'again',
    given: runs.failingBranch,
    shows: ({ lines }) => lines.get(line)?.checks.name,
    turns: ['current', 'running'],
  },
  {
    route: 'answerChecks',
    body: 'merge',
    given: runs.failingBranch,
    shows: ({ lines }) => lines.get(line)?.base,
    turns: [
      { name: 'failed', isAccepted: false },
      { name: 'failed', isAccepted: true },
    ],
  },
  {
    route: 'answerTask',
    given: runs.asking,
    shows: phaseOf('a'),
    turns: ['blocked', 'queued'],
  },
  {
    route: 'answerTask',
    given: runs.returned,
    shows: phaseOf('a'),
    turns: ['blocked', 'queued'],
  },
  {
    route: 'cancelTask',
    given: runs.returned,
    shows: phaseOf('a'),
    turns: ['blocked', 'cancelled'],
  },
  {
    route: 'protectedChanges',
    given: runs.protecting,
    shows: ({ merges }) => merges.map(({ phase }) => phase.name),
    turns: [['held'], ['held']],
  },
  {
    route: 'answerProtected',
    body: 'merge',
    given: runs.protecting,
    shows: ({ merges }) => merges.map(({ approved }) => approved),
    turns: [[null], ['c1']],
  },
  {
    route: 'answerProtected',
    body: 'return',
    given: runs.protecting,
    shows: ({ tasks }) => tasks.get(TaskId('a'))?.returned,
    turns: [null, { kind: 'protected', reason: '…' }],
  },
  {
    route: 'acceptUpload',
    given: runs.uploading,
    shows: accepted,
    turns: [[false], [true]],
  },
  {
    route: 'withdrawHost',
    given: runs.uploading,
    shows: allowed,
    turns: [['pypi.org'], []],
  },
  {
    route: 'allowHost',
    body: 'npm.corp',
    given: runs.refused,
    shows: allowed,
    turns: [[], ['npm.corp:4873']],
  },
  {
    route: 'allowHost',
    body: 'pypi.org',
    given: runs.refused,
    shows: allowed,
    turns: [[], ['pypi.org']],
  },
  {
    route: 'allowCredentials',
    given: runs.withheld,
    shows: ({ instances }) => instances.get(one)?.credential === null,
    turns: [true, false],
  },
  {
    route: 'enableCredential',
    given: runs.spent,
    shows: ({ credentials }) => credentials.get(used)?.phase.name,
    turns: ['spent', 'leased'],
  },
  {
    route: 'enableCredential',
    given: runs.disabled,
    shows: poolPhases,
    turns: [['disabled'], ['leased', 'disabled']],
  },
]
