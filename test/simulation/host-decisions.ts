import type { Hosts, LargeUpload } from '../../src/core/model/hosts.ts'
import type { State } from '../../src/core/model/state.ts'
import type { Change, NewEvent } from '../../src/engine/dispatch/dispatcher.ts'
import { isReached, wantedHosts, wantedPattern } from './egress.ts'
import type { Faults } from './faults.ts'
import type { Violations } from './violation.ts'

/** True when the server says that it did it. Without an answer it may have done it all the same. */
type Ask = (fact: NewEvent) => boolean

/** Of one instance. */
const mostShown = 20

/** The person who decides about hosts, now and then, and what must come of the decisions. */
export class HostDecisions {
  readonly #faults: Faults
  readonly #violations: Violations
  /** Ever asked for, and not known to be withdrawn. */
  readonly #mayBeAllowed = new Set<string>()
  /** Acknowledged, and no person asked to withdraw it. */
  readonly #isAllowed = new Set<string>()
  /** Ever asked for: it answers what was sent there, too, also when it is carried out later. */
  readonly #mayBeWithdrawn = new Set<string>()
  readonly #mayBeAccepted = new Set<string>()
  readonly #isAccepted = new Set<string>()
  /** Shown as refused, and no person asked to allow it. */
  readonly #isShown = new Set<string>()
  /** Uploads that are shown, and no person answered: where to, by name. */
  readonly #isNoticed = new Map<string, string>()

  constructor(faults: Faults, violations: Violations) {
    this.#faults = faults
    this.#violations = violations
  }

  decide({ hosts, instances }: State, ask: Ask): void {
    // Before its first start the server takes nothing.
    if (instances.size === 0) return
    const allowing = this.#faults.strike('host-allowed', 'run')
    if (allowing !== null) {
      const shown: readonly string[] = hosts.refused.map(({ host }) => host)
      // Also one that no instance asked for yet, and one that is allowed already.
      const [first, ...others] = wantedHosts.filter((host) => shown.includes(host))
      const isAhead = first === undefined || allowing.chance(20)
      this.#allow(
        allowing.pick(isAhead ? [wantedPattern, ...wantedHosts] : [first, ...others]),
        ask,
      )
    }
    const [entry, ...entries] = hosts.allowed
    const withdrawing = entry === undefined ? null : this.#faults.strike('host-withdrawn', 'run')
    if (withdrawing !== null && entry !== undefined)
      this.#withdraw(withdrawing.pick([entry, ...entries]), ask)
    const [upload, ...uploads] = hosts.uploads.filter(({ isAccepted }) => !isAccepted)
    const accepting = upload === undefined ? null : this.#faults.strike('upload-accepted', 'run')
    if (accepting !== null && upload !== undefined)
      this.#accept(accepting.pick([upload, ...uploads]), ask)
  }

  #allow(host: string, ask: Ask): void {
    this.#mayBeAllowed.add(host)
    for (const shown of this.#isShown) if (isReached(shown, [host])) this.#isShown.delete(shown)
    if (ask({ type: 'host-allowed', host })) this.#isAllowed.add(host)
  }

  #withdraw(host: string, ask: Ask): void {
    this.#isAllowed.delete(host)
    this.#mayBeWithdrawn.add(host)
    for (const [name, to] of this.#isNoticed)
      if (isReached(to, [host])) this.#isNoticed.delete(name)
    if (ask({ type: 'host-withdrawn', host })) this.#mayBeAllowed.delete(host)
  }

  #accept(upload: LargeUpload, ask: Ask): void {
    const name = nameOf(upload)
    this.#mayBeAccepted.add(name)
    this.#isNoticed.delete(name)
    const { by: instance, host } = upload
    if (ask({ type: 'upload-accepted', instance, host })) this.#isAccepted.add(name)
  }

  /** After every decision of the server, and so after every start. */
  check({ before, after, entry: { event } }: Change): void {
    const { hosts } = after
    this.#checkAllowed(hosts)
    this.#checkShown(hosts)
    this.#checkUploads(hosts)
    if (event.type === 'host-refused') this.#checkAsked(before.hosts, hosts, event)
  }

  #checkAllowed({ allowed, refused }: Hosts): void {
    const add = (what: string): void => this.#violations.add('people decide about hosts', what)
    for (const host of allowed)
      if (!this.#mayBeAllowed.has(host)) add(`${host} is allowed, and no person did that`)
    for (const host of this.#isAllowed)
      if (!allowed.includes(host)) add(`${host} was allowed, and is not any more`)
    for (const { host } of refused)
      if (isReached(host, allowed)) add(`${host} is allowed, and a person is asked about it`)
  }

  #checkShown({ refused }: Hosts): void {
    const hosts = new Set(refused.map(({ host }) => host))
    this.#checkFew(refused, hosts.size)
    this.#checkKept(hosts, this.#isShown)
    // What a person decides at this moment is in the state before the person has the answer.
    const mayBeAllowed = [...this.#mayBeAllowed]
    for (const host of hosts) if (!isReached(host, mayBeAllowed)) this.#isShown.add(host)
  }

  #checkUploads({ uploads }: Hosts): void {
    const add = (what: string): void => this.#violations.add('people decide about hosts', what)
    const open = uploads.filter(({ isAccepted }) => !isAccepted)
    const names = new Set(open.map(nameOf))
    this.#checkFew(open, names.size)
    this.#checkKept(names, this.#isNoticed.keys())
    for (const { by, host } of open) {
      const name = nameOf({ by, host })
      const isAnswered = [...this.#mayBeWithdrawn].some((entry) => isReached(host, [entry]))
      if (!isAnswered && !this.#mayBeAccepted.has(name)) this.#isNoticed.set(name, host)
    }
    const accepted = new Set(uploads.filter(({ isAccepted }) => isAccepted).map(nameOf))
    for (const name of accepted)
      if (!this.#mayBeAccepted.has(name)) add(`${name} is accepted, and no person did that`)
    for (const name of this.#isAccepted)
      if (!accepted.has(name) || names.has(name)) add(`${name} was accepted, and is not any more`)
  }

  #checkKept(shown: ReadonlySet<string>, unanswered: Iterable<string>): void {
    for (const name of unanswered)
      if (!shown.has(name))
        this.#violations.add('people decide about hosts', `${name} went without a decision`)
  }

  /** Each once, and few of one instance. */
  #checkFew(shown: readonly { readonly by: string }[], names: number): void {
    if (names < shown.length) this.#violations.add('few hosts are shown', 'one is shown twice')
    const counts = new Map<string, number>()
    for (const { by } of shown) counts.set(by, (counts.get(by) ?? 0) + 1)
    for (const [by, count] of counts)
      if (count > mostShown)
        this.#violations.add('few hosts are shown', `${count} that ${by} asked for are shown`)
  }

  /** One instance that floods the list does not hide what another one needs. */
  #checkAsked(
    before: Hosts,
    after: Hosts,
    { instance, host }: Extract<NewEvent, { type: 'host-refused' }>,
  ): void {
    const others = before.refused.filter(({ by }) => by === instance).length
    const isKnown =
      isReached(host, after.allowed) || after.refused.some((shown) => shown.host === host)
    if (!isKnown && others < mostShown)
      this.#violations.add('few hosts are shown', `${instance} needs ${host}, which is not shown`)
  }
}

const nameOf = ({ by, host }: Pick<LargeUpload, 'by' | 'host'>): string => `${host} by ${by}`
