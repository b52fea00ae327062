import type { InstanceId } from './ids.ts'

/** What comes of the proxy to other hosts, and what people decide about it. */
export type HostEvent =
  /** `host`: the entry that would allow it. */
  | { readonly type: 'host-refused'; readonly instance: InstanceId; readonly host: string }
  | { readonly type: 'host-allowed'; readonly host: string }
  /** A person takes back what a person allowed. */
  | { readonly type: 'host-withdrawn'; readonly host: string }
  /** An instance has sent much to a host. */
  | {
      readonly type: 'upload-noticed'
      readonly instance: InstanceId
      readonly host: string
      /** Since the server began. */
      readonly sentBytes: number
    }
  /** A person knows why. */
  | { readonly type: 'upload-accepted'; readonly instance: InstanceId; readonly host: string }
  /** A connection to a host is over. */
  | {
      readonly type: 'host-reached'
      readonly instance: InstanceId
      /** With its port. */
      readonly host: string
      readonly sentBytes: number
      readonly receivedBytes: number
      readonly durationMs: number
    }
