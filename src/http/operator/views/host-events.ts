import type { HostEvent } from '../../../core/model/host-event.ts'
import { describeRefused } from '../../../engine/observe/refused-host.ts'
import type { EventKind } from './event-kind.ts'

const hostOf = ({ host }: { readonly host: string | null }): string => host ?? 'a host'

export const hostEvents: Record<HostEvent['type'], EventKind> = {
  'host-refused': {
    type: 'host-refused',
    subject: 'instance',
    text: (event) => `${event.instance} may not reach ${describeRefused(hostOf(event))}`,
  },
  'host-allowed': {
    type: 'host-allowed',
    subject: 'run',
    text: (event) => `the operator lets instances reach ${hostOf(event)}`,
  },
  'host-withdrawn': {
    type: 'host-withdrawn',
    subject: 'run',
    text: (event) => `the operator no longer lets instances reach ${hostOf(event)}`,
  },
  'upload-noticed': {
    type: 'upload-noticed',
    subject: 'instance',
    text: (event) =>
      `${event.instance} has sent ${event.sentBytes ?? 'many'} bytes to ${hostOf(event)}`,
  },
  'upload-accepted': {
    type: 'upload-accepted',
    subject: 'instance',
    text: (event) => `the operator accepts what ${event.instance} sends to ${hostOf(event)}`,
  },
  'host-reached': {
    type: 'host-reached',
    subject: 'instance',
    text: (event) =>
      `${event.instance} sent ${event.sentBytes ?? 'some'} bytes to ${hostOf(event)} and ` +
      `received ${event.receivedBytes ?? 'some'}`,
  },
}
