import type { FromLaunch } from './from-launch.ts'
import type { CredentialId, InstanceId, Instant } from './ids.ts'
import type { ModelError, UsageWindow } from './model-error.ts'

export type CredentialEvent =
  /** The files of the pool as they are now. */
  | {
      readonly type: 'credentials-changed'
      readonly credentials: readonly { readonly id: CredentialId; readonly kind: string }[]
      /** Those whose secret is another one now. */
      readonly changed: readonly CredentialId[]
    }
  /** The instance has it; it is in use once Claude Code has read its settings. */
  | (FromLaunch & { readonly type: 'credential-placed'; readonly credential: CredentialId })
  /** A login took the place of another one: the next request uses it, and no settings are read. */
  | (FromLaunch & { readonly type: 'credential-replaced'; readonly credential: CredentialId })
  | (FromLaunch & {
      readonly type: 'credential-not-replaced'
      readonly credential: CredentialId
      readonly reason: string
    })
  /** The last reported use of a usage window. */
  | {
      readonly type: 'window-seen'
      readonly credential: CredentialId
      readonly window: UsageWindow
      readonly usedPercent: number
      readonly resetsAt: Instant | null
      /** The instance whose status line reports it; absent when the gateway read it. */
      readonly by?: InstanceId
    }
  /** The provider refused this credential to the gateway before any answer reached the instance. */
  | (FromLaunch & {
      readonly type: 'gateway-refused'
      readonly credential: CredentialId
      readonly modelError: ModelError
    })
  | {
      readonly type: 'credential-disabled'
      readonly credential: CredentialId
      readonly reason: string
    }
  | { readonly type: 'credential-enabled'; readonly credential: CredentialId }
  | { readonly type: 'cooldown-forgotten'; readonly credential: CredentialId }
  /** A person accepts the credentials that it was given on its own reports: it may get others. */
  | { readonly type: 'credentials-allowed'; readonly instance: InstanceId }
  | {
      readonly type: 'instance-moved'
      readonly instance: InstanceId
      readonly credential: CredentialId | null
    }
