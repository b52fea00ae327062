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
