import type { CredentialEvent } from '../../../core/model/credential-event.ts'
import { because } from './event-record.ts'
import type { EventKind } from './event-kind.ts'
import { modelErrorText } from './instance-events.ts'

const kind =
  (subject: EventKind['subject']) =>
  (type: EventKind['type'], text: EventKind['text']): EventKind => ({ type, subject, text })

const credential = kind('credential')
const instance = kind('instance')
const server = kind(null)

export const credentialEvents: Record<CredentialEvent['type'], EventKind> = {
  'credentials-changed': server('credentials-changed', () => 'the credential files changed'),
  'credential-placed': instance(
    'credential-placed',
    (event) => `${event.instance} has ${event.credential} and must read it`,
  ),
  'credential-replaced': instance(
    'credential-replaced',
    (event) => `${event.instance} goes on with ${event.credential}`,
  ),
  'credential-not-replaced': instance(
    'credential-not-replaced',
    (event) => `${event.instance} could not switch to ${event.credential}${because(event.reason)}`,
  ),
  'window-seen': credential('window-seen', (event) => {
    const share = event.usedPercent === null ? 'partly' : `${event.usedPercent} %`
    return `the ${event.window ?? 'usage'} window of ${event.credential} is ${share} used`
  }),
  'gateway-refused': credential(
    'credential-refused',
    (event) =>
      `the gateway could not use ${event.credential} for ${event.instance}: ` +
      modelErrorText(event),
  ),
  'credential-disabled': credential(
    'credential-disabled',
    (event) => `the operator disables ${event.credential}${because(event.reason)}`,
  ),
  'credential-enabled': credential(
    'credential-enabled',
    (event) => `the operator enables ${event.credential}`,
  ),
  'cooldown-forgotten': credential(
    'credential-cooldown-forgotten',
    (event) => `the operator ends the cooldown of ${event.credential}`,
  ),
  'credentials-allowed': instance(
    'credentials-allowed',
    (event) => `the operator lets ${event.instance} have other credentials`,
  ),
  'instance-moved': instance(
    'instance-moved',
    (event) => `the operator moves ${event.instance} to another credential`,
  ),
}
