import type { CredentialShape } from '../../scenarios/limit-scenarios.ts'

/** A way to set the server up. */
export interface World {
  readonly credentials: { readonly shape: CredentialShape; readonly spare: number }
  /** More of `orchestrator.json`. */
  readonly settings: Readonly<Record<string, unknown>>
  /** Workers hold logins. No model answers to these, so nothing is worked on. */
  readonly hasLogins?: true
}

const tokens = { shape: 'auth-token', spare: 0 } as const

/** What an instance may use of the disk: the least that can be set. */
export const diskMb = 1024

/** Attacks on the same world share one server. */
export const worlds = {
  /** As the defaults are: no network, and no credential in any container. */
  sealed: { credentials: tokens, settings: { credentials: 'gateway', limits: { diskMb } } },
  /** Each instance holds its own credential. */
  file: {
    credentials: { shape: 'oauth-token', spare: 6 },
    settings: { credentials: 'file' },
  },
  logins: { credentials: tokens, settings: { credentials: 'file' }, hasLogins: true },
  proxied: {
    credentials: tokens,
    settings: { credentials: 'gateway', network: 'proxied' },
  },
} satisfies Record<string, World>

export type WorldName = keyof typeof worlds
