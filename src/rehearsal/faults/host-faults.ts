/** What instances do at the proxy to other hosts, and what people decide about it. */
export const hostFaults = {
  'host-asked': { what: 'A worker asks the proxy for a host.', in: ['simulation'] },
  'host-answer-late': {
    what: 'The proxy refuses hosts late: people have decided meanwhile, or the launch has ended.',
    in: ['simulation'],
  },
  'host-flood': { what: 'A worker asks the proxy for dozens of names.', in: ['simulation'] },
  'upload-large': { what: 'A worker sends much to a host.', in: ['simulation'] },
  'upload-flood': { what: 'A worker sends much to dozens of hosts.', in: ['simulation'] },
  'host-allowed': { what: 'A human allows a host.', in: ['simulation'] },
  'host-withdrawn': { what: 'A human takes back that a host is allowed.', in: ['simulation'] },
  'upload-accepted': { what: 'A human accepts a large upload.', in: ['simulation'] },
} as const
