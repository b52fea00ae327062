import type { Command } from '../../../core/model/command.ts'
import type { Event } from '../../../core/model/event.ts'
import { isoTime } from '../../../lib/iso-time.ts'
import type { JournalEntry } from '../../../ports/store.ts'
import type { ActionView, EventView, SubjectKind } from '../../contract/event.ts'
import { credentialEvents } from './credential-events.ts'
import { type EventKind, type Named, withNames } from './event-kind.ts'
import { type EventRecord, eventRecord } from './event-record.ts'
import { hostEvents } from './host-events.ts'
import { instanceEvents } from './instance-events.ts'
import { backupEvents, checkEvents, mergeEvents } from './merge-events.ts'
import { planEvents, taskEvents } from './plan-events.ts'
import { runEvents, serverEvents, syncEvents } from './run-events.ts'

const kinds: Record<Event['type'], EventKind> = {
  ...instanceEvents,
  ...planEvents,
  ...taskEvents,
  ...mergeEvents,
  ...checkEvents,
  ...syncEvents,
  ...backupEvents,
  ...credentialEvents,
  ...hostEvents,
  ...runEvents,
  ...serverEvents,
}

/**
 * A line of the journal as the contract shows it; never fails, whichever version wrote the line.
 */
export function viewEvent({ sequence, event, commands, reply, ignored }: JournalEntry): EventView {
  const record = eventRecord.parse(event)
  const kind = kindOf(record.type)
  const { instance, launch, task, credential, commit, head } = record
  return {
    sequence,
    at: isoTime(record.at),
    type: kind.type,
    subject: kind.subject && { kind: kind.subject, id: idOf(kind.subject, record) },
    text: sentence(kind.text(withNames(record))),
    ignored: ignored === null ? null : sentence(ignored),
    instance,
    launch,
    task,
    credential,
    commit: commit ?? head,
    modelError: modelErrorOf(record),
    actions: [...commands.flatMap(viewAction), ...viewReply(reply, record)],
  }
}

const unknownKind: EventKind = {
  type: 'other',
  subject: null,
  text: ({ type }: Named) => `an event of another version of the server: ${type}`,
}

const kindOf = (type: string): EventKind =>
  Object.hasOwn(kinds, type) ? kinds[type as Event['type']] : unknownKind

const idOf = (subject: SubjectKind, record: EventRecord): string | null =>
  subject === 'run' ? null : record[subject]

/** Reasons may hold the output of whole commands. */
const longestSentence = 2_000

const sentence = (text: string): string =>
  text
    .slice(0, 2 * longestSentence)
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, longestSentence)

function modelErrorOf({ modelError, inSubagent }: EventRecord): EventView['modelError'] {
  if (modelError === null) return null
  const { kind, window, until } = modelError
  return { kind, window, until: until === null ? null : isoTime(until), inSubagent }
}

/** A prompt in the answer to a Stop hook is sent like any other. */
function viewReply(reply: JournalEntry['reply'], { instance, launch }: EventRecord): ActionView[] {
  if (reply === null || instance === null || launch === null) return []
  return [{ type: 'send-prompt', instance, launch, credential: null }]
}

/** Only what concerns an instance, and without the text of a prompt. */
function viewAction(command: Command): ActionView[] {
  switch (command.type) {
    case 'start-instance':
    case 'replace-credential': {
      const { type, instance, launch, credential } = command
      return [{ type, instance, launch, credential }]
    }
    case 'stop-instance':
    case 'send-prompt': {
      const { type, instance, launch } = command
      return [{ type, instance, launch, credential: null }]
    }
    case 'save-work':
      return [{ type: command.type, instance: command.instance, launch: null, credential: null }]
    default:
      return []
  }
}
