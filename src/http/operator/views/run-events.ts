import type { CommandFailure, RunEvent, ServerEvent } from '../../../core/model/event.ts'
import type { SyncEvent } from '../../../core/model/sync-event.ts'
import { because } from './event-record.ts'
import type { EventKind } from './event-kind.ts'

const kind =
  (subject: EventKind['subject']) =>
  (type: EventKind['type'], text: EventKind['text']): EventKind => ({ type, subject, text })

const instance = kind('instance')
const run = kind('run')
const server = kind(null)

export const serverEvents: Record<(ServerEvent | CommandFailure)['type'], EventKind> = {
  'server-started': server('server-started', () => 'the server started'),
  'clock-ticked': server('other', () => 'a deadline passed'),
  'command-failed': server(
    'command-failed',
    ({ command, reason }) => `${command ?? 'a command'} failed${because(reason)}`,
  ),
}

export const runEvents: Record<RunEvent['type'], EventKind> = {
  'usage-counted': instance(
    'usage-counted',
    (event) => `a request of ${event.instance} is counted`,
  ),
  'report-written': run('other', () => 'the report is written'),
  'run-accepted': run('other', () => 'the operator ends the run without what its origin lacks'),
  'everything-stopped': run('other', () => 'all instances are stopped'),
}

export const syncEvents: Record<SyncEvent['type'], EventKind> = {
  'lists-committed': run('sync-succeeded', () => 'the task lists are committed'),
  'lists-failed': run(
    'sync-failed',
    ({ reason }) => `the task lists could not be committed${because(reason)}`,
  ),
  published: run('sync-succeeded', () => 'the target branch is pushed to the origin'),
  'publish-refused': run(
    'sync-failed',
    ({ reason }) => `the origin refuses the target branch${because(reason)}`,
  ),
  'upstream-merged': run('sync-succeeded', () => 'the commits of the origin are merged'),
  'upstream-conflicted': run(
    'sync-failed',
    () => 'commits of the origin conflict with the work of the run: a worker merges them',
  ),
  'upstream-rewritten': run(
    'sync-failed',
    () => 'the history of the origin was rewritten: a person decides what that means',
  ),
  'rewrite-answered': run('other', () => 'the operator decides about the rewritten origin'),
  'origin-followed': run(
    'sync-succeeded',
    () => 'the line follows the rewritten origin, with the work that the origin never had',
  ),
  'upstream-failed': run(
    'sync-failed',
    ({ reason }) => `the commits of the origin could not be merged${because(reason)}`,
  ),
}
