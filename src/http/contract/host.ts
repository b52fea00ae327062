import { z } from 'zod'
import { time } from './time.ts'

/**
 * An entry as in the setting `allowHosts`: `example.com`, `*.example.com`, `host:port` or
 * `address:port`; after a name also ` in 10.0.0.0/8`.
 */
export const hostEntry = z.strictObject({ host: z.string().min(1).max(320) })

/** As `hosts.uploads` names it. */
export const uploadAcceptance = z.strictObject({ host: z.string().min(1).max(320) })

/** What instances reach besides the server. */
export const hostsView = z.object({
  /**
   * `sealed`: the hosts that are allowed. `proxied`: every public host as well. `open`: every
   * address that this machine reaches.
   */
  network: z.enum(['sealed', 'proxied', 'open']),
  /** By a person while the run went on; those of the settings come on top. */
  allowed: z.array(z.string()).readonly(),
  /** Asked for and refused, each host once. */
  refused: z
    .array(
      z.object({
        /** The entry that would allow it. */
        host: z.string(),
        /** The private address to which an allowed name leads; the entry allows just this one. */
        leadsTo: z.string().nullable(),
        /** The instance that asked first. */
        by: z.string(),
        at: time,
        /** A command line that allows it at once. */
        allow: z.string(),
      }),
    )
    .readonly(),
  /** More than 20 MiB from one instance to one host, as long as no person has accepted it. */
  uploads: z
    .array(
      z.object({
        /** `other hosts` for all of an instance that are not counted apart. */
        host: z.string(),
        by: z.string(),
        /** When it was noticed. */
        bytes: z.number(),
        at: time,
        /** A command line after which it is not shown again. */
        accept: z.string(),
      }),
    )
    .readonly(),
  /** From which the packages of this repository come, as far as instances do not reach them yet. */
  proposed: z
    .array(
      z.object({
        host: z.string(),
        /** The files of the repository that speak for it. */
        because: z.array(z.string()).readonly(),
        /** How data can leave through it, with an account of an attacker; null when not. */
        exit: z.string().nullable(),
        allow: z.string(),
      }),
    )
    .readonly(),
})

export type HostsView = z.infer<typeof hostsView>
