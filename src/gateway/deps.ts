import type { Usage } from '../core/model/ledger.ts'
import type { CredentialId, InstanceId, Instant, Launch } from '../core/model/ids.ts'
import type { ModelError } from '../core/model/model-error.ts'
import type { Outbound } from '../outbound/outbound.ts'
import type { WindowReading } from './windows.ts'

export interface Caller {
  readonly instance: InstanceId
  readonly launch: Launch
}

/** The address and header for a credential; `value` is the bare secret, without `Bearer`. */
export interface Secret {
  readonly header: 'x-api-key' | 'authorization'
  readonly value: string
  readonly baseUrl: string
}

export interface GatewayDeps {
  /** `older-launch`: the token's launch has ended. Null: the token is not one of ours. */
  readonly identify: (token: string) => Caller | 'older-launch' | null
  readonly leaseOf: (instance: InstanceId) => CredentialId | null
  readonly secretOf: (credential: CredentialId) => Secret | null
  /** Returns the credential to retry the request with; null passes the refusal on unchanged. */
  readonly onRefused: (
    refused: Caller & { readonly credential: CredentialId; readonly modelError: ModelError },
  ) => CredentialId | null
  readonly onUsage: (
    used: Caller & { readonly credential: CredentialId; readonly usage: Usage },
  ) => void
  readonly onWindow: (seen: WindowReading & { readonly credential: CredentialId }) => void
  /**
   * Why this instance may not ask this model now, as the end of a sentence; null when it may. Null
   * in place of the function passes on what any instance asks.
   */
  readonly objectionTo: ((caller: Caller, model: string) => string | null) | null
  /** Instances have no network: requests that make the provider reach out for them are refused. */
  readonly sealed: boolean
  /** How the model is reached; not set: as usual. */
  readonly outbound?: Outbound
  readonly now: () => Instant
}
