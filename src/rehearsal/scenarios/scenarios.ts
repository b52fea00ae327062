import { limitScenarios } from './limit-scenarios.ts'
import type { Scenario } from './scenario.ts'

/** By the name that `--scenario` takes. Every one has a dependency, which comes with the sample. */
export const scenarios = {
  plain: {
    summary: 'every worker does its task; two tasks touch the same lines',
    quirks: { 2: 'collides' },
    checks: [],
  },
  conflict: {
    summary: 'three pairs of tasks touch the same lines',
    quirks: { 1: 'collides', 3: 'collides', 5: 'collides' },
    checks: [],
  },
  blocked: {
    summary: 'workers ask before they begin, the Manager answers',
    quirks: { 2: 'asks', 5: 'asks' },
    checks: [],
  },
  'no-report': {
    summary: 'workers stop without a report and are reminded',
    quirks: { 1: 'forgets-report', 4: 'forgets-report' },
    checks: [],
  },
  uncommitted: {
    summary: 'workers report before they have committed',
    quirks: { 1: 'forgets-commit', 4: 'forgets-commit' },
    checks: [],
  },
  'failed-checks': {
    summary: 'first tries break the tests of the repository and come back',
    quirks: { 2: 'breaks-checks', 6: 'breaks-checks' },
    checks: ['node --test'],
  },
  'squash-revert': {
    summary: 'workers squash onto a newer target, which would undo what others merged',
    quirks: { 1: 'squashes', 5: 'squashes' },
    checks: [],
  },
  waves: {
    summary: 'the Manager plans two tasks at a time',
    quirks: {},
    checks: [],
    wave: 2,
  },
  'never-complete': {
    summary: 'the Manager never says that its plan is complete; a person ends the run',
    quirks: {},
    checks: [],
    neverCompletes: true,
    operator: 'completes',
  },
  'hand-ticked': {
    summary: 'a person builds the first task and ticks it; the last one builds on it',
    quirks: { 1: 'done-by-hand' },
    checks: [],
    operator: 'ticks',
    settings: { upstreamEverySeconds: 5 },
  },
  'no-commit': {
    summary: 'the first task is in the repository already; the last one builds on it',
    quirks: { 1: 'needs-no-commit' },
    checks: [],
  },
  'origin-conflict': {
    summary: 'another clone pushes what conflicts with the work; a worker merges both',
    quirks: {},
    checks: [],
    acts: ['push-conflict'],
    settings: { upstreamEverySeconds: 5 },
  },
  'origin-down-at-end': {
    summary: 'the origin is away when the last task is merged; the run waits for it without a team',
    quirks: {},
    checks: [],
    acts: ['hide-origin'],
    settings: { upstreamEverySeconds: 5 },
  },
  'force-push': {
    summary: 'a person resets the origin to before a merge, and answers late in each way',
    quirks: {},
    checks: [],
    acts: ['reset-and-keep', 'reset-and-put-back', 'reset-and-follow'],
    settings: { upstreamEverySeconds: 5 },
  },
  'foreign-rewrite': {
    summary: 'another person amends a commit, later purges a secret, and answers late',
    quirks: {},
    checks: [],
    acts: ['amend-and-keep', 'leak-secret', 'purge-and-follow'],
    settings: { upstreamEverySeconds: 5 },
  },
  'engine-hang': {
    summary: 'the Docker engine accepts requests and does not answer for more than a minute',
    quirks: {},
    checks: [],
    acts: ['hang-engine'],
    settings: { upstreamEverySeconds: 5 },
  },
  'outside-world': {
    summary: 'in one run: a conflicting push, a purged secret, an engine that hangs, an outage',
    quirks: {},
    checks: [],
    acts: ['push-conflict', 'leak-secret', 'purge-and-follow', 'hang-engine', 'hide-origin'],
    settings: { upstreamEverySeconds: 5 },
  },
  ...limitScenarios,
} as const satisfies Readonly<Record<string, Scenario>>

export type ScenarioName = keyof typeof scenarios
