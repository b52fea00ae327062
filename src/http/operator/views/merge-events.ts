import type { CheckEvent } from '../../../core/model/check-event.ts'
import type { BackupEvent, MergeEvent } from '../../../core/model/event.ts'
import { because } from './event-record.ts'
import type { EventKind } from './event-kind.ts'

const kind =
  (subject: EventKind['subject']) =>
  (type: EventKind['type'], text: EventKind['text']): EventKind => ({ type, subject, text })

const task = kind('task')
const backup = kind('backup')
const run = kind('run')

export const mergeEvents: Record<MergeEvent['type'], EventKind> = {
  'merge-checking': task('merge-checking', (event) => `the checks of task ${event.task} run`),
  'merge-landed': task('merge-landed', (event) => `task ${event.task} is merged`),
  'merge-conflicted': task('merge-conflicted', ({ task: id, paths }) => {
    const where = paths.length === 0 ? '' : ` in ${paths.join(', ')}`
    return `task ${id} conflicts with the target branch${where}`
  }),
  'merge-outdated': task(
    'merge-conflicted',
    (event) => `task ${event.task} contains commits that a person removed from the origin`,
  ),
  'merge-rejected': task('merge-rejected', (event) => `the checks of task ${event.task} failed`),
  'merge-held': task(
    'merge-held',
    (event) => `task ${event.task} changes protected paths and waits for the operator`,
  ),
  'merge-failed': task(
    'merge-failed',
    (event) => `task ${event.task} could not be merged${because(event.reason)}`,
  ),
}

export const checkEvents: Record<CheckEvent['type'], EventKind> = {
  'base-passed': run('base-passed', () => 'the checks pass on the target branch as it is'),
  'base-failed': run('base-failed', () => 'the checks fail on the target branch as it is'),
  'base-not-checked': run(
    'base-not-checked',
    ({ reason }) => `the checks could not be run on the target branch${because(reason)}`,
  ),
  'checks-answered': run('checks-answered', ({ answer }) =>
    answer === 'merge'
      ? 'the operator merges work that fails the checks like the target branch'
      : 'the operator runs the checks on the target branch again',
  ),
}

export const backupEvents: Record<BackupEvent['type'], EventKind> = {
  'work-saved': backup('backup-saved', (event) => `backup ${event.backup} is saved`),
  'work-unchanged': backup(
    'backup-skipped',
    (event) => `backup ${event.backup} is not needed: the hub has all of the work`,
  ),
  'work-not-saved': backup(
    'backup-failed',
    (event) => `backup ${event.backup} could not be saved${because(event.reason)}`,
  ),
  'backup-deleted': backup('backup-deleted', (event) => `backup ${event.backup} is deleted`),
  'backup-restored': backup('backup-restored', (event) => `backup ${event.backup} is restored`),
  'backup-forgotten': backup(
    'backup-forgotten',
    (event) => `backup ${event.backup} is removed for good`,
  ),
}
