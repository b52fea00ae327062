import type { Duplex } from 'node:stream'
import type { InstanceId } from '../core/model/ids.ts'
import { plainText } from '../lib/plain-text.ts'
import { reasonOf } from '../lib/reason.ts'
import type { EgressPolicy } from './allow-list.ts'
import type { Connect } from './connect.ts'
import { Lookups, type LookupsDeps } from './lookups.ts'
import {
  type LargeUpload,
  type ProxyError,
  Tally,
  type TunnelEnd,
  type TunnelRecord,
} from './records.ts'
import { type Refusal, Refused, shownAsked } from './refusal.ts'
import { ReportPace } from './report-pace.ts'
import {
  isAllowedNow,
  type Lookup,
  requirePermission,
  type Resolve,
  type ResolvedTarget,
  resolveTarget,
} from './resolved.ts'
import type { Target } from './target.ts'
import { Turns } from '../lib/turns.ts'
import { Uploads } from './uploads.ts'

export interface OutletDeps extends LookupsDeps {
  readonly policy: () => EgressPolicy
  readonly connectDirectly: Connect
  readonly onTunnel: (record: TunnelRecord) => void
  readonly onRefused: (refusal: Refusal) => void
  readonly onLargeUpload: (upload: LargeUpload) => void
  readonly onError: (error: ProxyError) => void
}

/** What is counted for an instance, whichever of its launches asks. */
export interface Account {
  readonly instance: InstanceId
  readonly turns: Turns
  readonly lookups: Lookups
  readonly uploads: Uploads
  readonly refusals: ReportPace
  readonly errors: ReportPace
}

export function openAccount(instance: InstanceId, deps: OutletDeps): Account {
  const { limits, onLargeUpload } = deps
  return {
    instance,
    turns: new Turns(limits),
    lookups: new Lookups(deps),
    uploads: new Uploads(limits, (host, bytes) => onLargeUpload({ instance, host, bytes })),
    refusals: new ReportPace(limits.refusalPace),
    errors: new ReportPace(limits.errorPace),
  }
}

/** An open connection to one of the addresses of the target. */
export interface Reached {
  readonly target: ResolvedTarget
  readonly host: Duplex
}

interface Open {
  readonly target: ResolvedTarget
  readonly stop: () => void
}

/** What comes in at one listener: everything that it asks is asked by its instance. */
export class Outlet {
  readonly deps: OutletDeps
  readonly #account: Account
  readonly #open = new Set<Open>()
  #hasEnded = false

  constructor(account: Account, deps: OutletDeps) {
    this.#account = account
    this.deps = deps
  }

  /** Waits for a turn, when the policy allows the target by its name. Throws `Refused`. */
  async enter(target: Target): Promise<Disposable> {
    requirePermission(target, this.deps.policy())
    const turn = await this.#account.turns.enter()
    if (turn === null) throw new Refused('too-many', target)
    return turn
  }

  /** An open connection to the target, when the policy allows it. Throws `Refused`. */
  async connect(target: Target): Promise<Reached> {
    const { policy, limits, connectDirectly, upstream } = this.deps
    const now = policy()
    const signal = AbortSignal.timeout(limits.connectMs)
    const resolve: Resolve = (name, how) => this.#lookUp(name, how, target)
    const hasUpstream = upstream?.knows(target, now) ?? false
    const judging = { policy: now, resolve, signal, hasUpstream }
    const resolved = await within(resolveTarget(target, judging), signal)
    const goesDirectly = upstream === null || upstream.isBypassed(resolved)
    const connect = goesDirectly ? connectDirectly : upstream.connect
    const host = await connect(resolved, signal)
    if (this.#mayStay(resolved)) return { target: resolved, host }
    // A person withdrew the entry meanwhile, the launch ended, or an address of the name came late.
    host.destroy()
    requirePermission(target, policy())
    if (this.#hasEnded || resolved.addresses.length > 0) throw new Refused('not-listed', target)
    return await this.connect(target)
  }

  /** Whether a connection may go on by the policy of this moment. */
  #mayStay(target: ResolvedTarget): boolean {
    if (this.#hasEnded) return false
    const { policy, upstream } = this.deps
    const now = policy()
    const isKnown = target.addresses.length > 0 || (upstream?.knows(target, now) ?? false)
    return isKnown && isAllowedNow(target, now, upstream?.names.lateAddresses(target.host) ?? [])
  }

  async #lookUp(name: string, how: Lookup, target: Target): Promise<readonly string[]> {
    const found = await this.#account.lookups.find(name, how)
    if (found === null) throw new Refused('too-many', target)
    return found
  }

  /** Keeps what is open, so that `stopRefused` and `stopAll` find it. */
  keep(target: ResolvedTarget, stop: () => void): Disposable {
    const open = { target, stop }
    this.#open.add(open)
    return { [Symbol.dispose]: () => this.#open.delete(open) }
  }

  countSent(tally: Tally, target: Target, bytes: number): void {
    tally.sentBytes += bytes
    this.#account.uploads.add(target.host, bytes)
  }

  report(tally: Tally, end: TunnelEnd = tally.end): void {
    tally.end = end
    this.deps.onTunnel(tally.record(this.#account.instance, null))
  }

  reportUnreachable(target: Target, kind: TunnelRecord['kind'], error: unknown): void {
    const tally = new Tally(target, kind)
    tally.end = 'unreachable'
    this.deps.onTunnel(tally.record(this.#account.instance, plainText(reasonOf(error))))
  }

  reportRefusal(asked: string, { reason, target, remedy }: Refused): void {
    const { instance, refusals } = this.#account
    const unreported = refusals.next()
    if (unreported === null) return
    this.deps.onRefused({
      instance,
      asked: shownAsked(asked),
      target,
      reason,
      remedy,
      unreported,
    })
  }

  /** Of the proxy itself: the connection that it ended shows nothing of it. */
  reportError(error: unknown): void {
    const { instance, errors } = this.#account
    const unreported = errors.next()
    if (unreported !== null) this.deps.onError({ instance, error, unreported })
  }

  /** Ends what the policy of this moment refuses. */
  stopRefused(): void {
    for (const { target, stop } of this.#open) {
      if (!this.#mayStay(target)) stop()
    }
  }

  /** Nothing is opened afterwards. */
  stopAll(): void {
    this.#hasEnded = true
    for (const { stop } of this.#open) stop()
  }
}

/** The promise, or a rejection when the signal comes first. */
async function within<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>()
  const abort = (): void => reject(new Error('resolving the name took too long'))
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([promise, tooLate])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
