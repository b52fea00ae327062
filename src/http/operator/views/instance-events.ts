import type { InstanceEvent } from '../../../core/model/event.ts'
import { because } from './event-record.ts'
import type { EventKind, Named } from './event-kind.ts'

const about = (type: EventKind['type'], text: EventKind['text']): EventKind => ({
  type,
  subject: 'instance',
  text,
})

export const instanceEvents: Record<InstanceEvent['type'], EventKind> = {
  'instance-started': about(
    'instance-started',
    ({ instance, launch }) => `${instance} started${launch === null ? '' : ` (launch ${launch})`}`,
  ),
  'workspace-progressed': about(
    'other',
    ({ instance }) => `the workspace of ${instance} is being prepared`,
  ),
  'instance-lost': about(
    'instance-lost',
    ({ instance, cause }) => `${instance} is lost${because(cause)}`,
  ),
  'instance-stopped': about('instance-stopped', ({ instance }) => `${instance} stopped`),
  'session-started': about('instance-ready', ({ instance }) => `${instance} is at its prompt`),
  'tools-listed': about('other', ({ instance }) => `${instance} has the list of its tools`),
  'clear-typed': about('other', ({ instance }) => `${instance} clears its conversation`),
  'prompt-confirmed': about('prompt-confirmed', ({ instance }) => `${instance} has its prompt`),
  'prompt-not-sent': about(
    'prompt-failed',
    ({ instance, obstacle }) => `the prompt did not reach ${instance}${because(obstacle)}`,
  ),
  'sign-of-life': about('other', ({ instance }) => `${instance} is active`),
  'settings-read': about('settings-read', ({ instance }) => `${instance} read its settings again`),
  'turn-ended': about('turn-ended', ({ instance }) => `the turn of ${instance} ended`),
  'turn-failed': about('turn-failed', failedTurn),
  'instance-idle': about('other', ({ instance }) => `${instance} waits for input`),
  'instance-outdated': about(
    'instance-outdated',
    ({ instance, reason }) => `${instance} is to be replaced${because(reason)}`,
  ),
  'instance-busy': about('other', busyText),
  'turn-interrupted': about(
    'turn-interrupted',
    ({ instance }) => `the turn of ${instance} hung and was interrupted`,
  ),
  'instance-waiting': about('other', ({ instance }) => `${instance} waits for a decision`),
}

function busyText({ instance, tool }: Named): string {
  return `${instance} is silent, and its screen shows that it works${because(tool)}`
}

function failedTurn(record: Named): string {
  const { instance, inSubagent } = record
  const whose = inSubagent ? `a subagent of ${instance}` : `the turn of ${instance}`
  return `${whose} failed: ${modelErrorText(record)}`
}

/** Why the model did not answer, as the second half of a sentence. */
export function modelErrorText({ modelError }: Pick<Named, 'modelError'>): string {
  const reset = resetText(modelError?.until ?? null)
  switch (modelError?.kind) {
    case 'quota':
      return `the ${modelError.window ?? 'usage'} window of its credential is used up ${reset}`
    case 'model-quota':
      return `the window of its credential for this model is used up ${reset}`
    case 'throttled':
      return 'its credential is throttled'
    case 'overloaded':
      return 'the service is overloaded'
    case 'rejected':
      return 'its credential is refused'
    case 'spent':
      return 'its credential has no credit left'
    case 'unreachable':
      return 'the service does not answer'
    default:
      return 'the cause is unknown'
  }
}

/** To the minute: `until 2030-01-01 09:16 (UTC)`. */
function resetText(until: number | null): string {
  if (until === null) return 'until an unknown time'
  const [day = '', time = ''] = new Date(until).toISOString().split('T')
  return `until ${day} ${time.slice(0, 5)} (UTC)`
}
