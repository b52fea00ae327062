import type { JournalLine } from './events.ts'

/** One line for whoever watches; null for what only the server cares about. */
export function narrate({ event, ignored }: JournalLine): string | null {
  const told = typeof ignored === 'string' ? null : tell(event)
  return told && told.replaceAll(/\s+/g, ' ').slice(0, longest)
}

/** Reasons may hold the output of whole commands. */
const longest = 200

function tell(event: JournalLine['event']): string | null {
  const { type, instance = 'the server', task = '', reason = '' } = event
  switch (type) {
    case 'hub-prepared':
      return 'the hub is ready'
    case 'session-started':
      return `${instance} is at its prompt`
    case 'plan-submitted':
      return `${instance} submitted a plan of ${event.tasks?.length ?? 0} tasks`
    case 'brief-fetched':
      return `${instance} begins ${task}`
    case 'task-reported':
      return `${instance} reports ${task}`
    case 'task-blocked':
      return `${instance} asks about ${task}: ${event.question ?? ''}`
    case 'task-answered':
      return `the ${event.by ?? 'manager'} answers about ${task}`
    case 'merge-landed':
      return `merged ${task}`
    case 'merge-conflicted':
      return `conflict: ${task} in ${event.paths?.join(', ') ?? ''}`
    case 'merge-rejected':
      return `checks failed: ${task}`
    case 'merge-failed':
      return `merging ${task} failed: ${reason}`
    case 'instance-lost':
      return `${instance} is lost: ${event.cause ?? ''}`
    case 'turn-failed':
      return event.inSubagent ? `${trouble(event)}, says a subagent of ${instance}` : trouble(event)
    case 'gateway-refused':
      return `${event.credential ?? ''} is refused (${event.trouble?.kind ?? 'unknown'}) to ${instance}, who need not know`
    case 'credential-replaced':
      return `${instance} goes on with ${event.credential ?? ''}`
    case 'credential-not-replaced':
      return `${instance} could not be given ${event.credential ?? ''}: ${reason}`
    case 'run-finished':
      return `${instance} says that the direction is fulfilled`
    case 'hub-failed':
    case 'lists-failed':
    case 'publish-refused':
      return `${type.replace('-', ' ')}: ${reason}`
    default:
      return null
  }
}

function trouble({ instance = '', at, trouble: told }: JournalLine['event']): string {
  const whose = `${instance}'s credential`
  switch (told?.kind) {
    case 'quota':
      return `${whose} is limited${untilWhen(at, told.until)}${told.window === undefined ? '' : `: ${told.window} window`}`
    case 'model-quota':
      return `${whose} is limited for this model${untilWhen(at, told.until)}`
    case 'throttled':
      return `${whose} is throttled`
    case 'overloaded':
      return 'the service is overloaded'
    case 'rejected':
      return `${whose} is refused`
    case 'spent':
      return `${whose} has no credit left`
    case 'unreachable':
      return `the service does not answer ${instance}`
    default:
      return `a turn of ${instance} failed`
  }
}

/** The time is enough for today. */
function untilWhen(at: number, until: number | null | undefined): string {
  if (typeof until !== 'number') return ', nobody said until when'
  const [day = '', time = ''] = new Date(until).toISOString().split('T')
  const isFar = until - at > 24 * 3_600_000
  return ` until ${isFar ? `${day} ` : ''}${time.slice(0, 5)} (UTC)`
}
