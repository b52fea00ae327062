import type { InstanceId } from '../../src/core/model/ids.ts'
import type { NewEvent } from '../../src/engine/dispatch/dispatcher.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { Faults } from './faults.ts'
import type { Random } from './random.ts'
import { wait } from './wait.ts'

/** The proxy of one life of the server: what it is about to report ends with that life. */
export interface ProxyLife {
  /** What people allow at this moment. */
  readonly allowed: readonly string[]
  readonly report: (fact: NewEvent) => void
}

interface EgressParts {
  readonly clock: Clock
  readonly faults: Faults
  /** Null while the server is away: then nothing is asked, and nothing answers. */
  readonly life: () => ProxyLife | null
}

/** What people may allow at once, and what that means. */
export const wantedPattern = '*.pypi.example'
const belowPattern = ['files.pypi.example', 'index.pypi.example'] as const

/** What work asks for, as the entries that would allow it; several workers want the same. */
export const wantedHosts = [
  'crates.example',
  'git.example:8443',
  'npm.corp.example:4873 in 10.0.0.5',
  ...belowPattern,
] as const

/** Entries that people would not take. */
const bait = ['public.example', 'localhost:80', 'x.example:443 in 10.0.0.8', '[fd00::5]:443']

export const isReached = (host: string, allowed: readonly string[]): boolean =>
  allowed.includes(host) ||
  (allowed.includes(wantedPattern) && belowPattern.some((name) => name === host))

/** About other hosts, by the proxy or a person. */
export const isOfHosts = ({ type }: Pick<NewEvent, 'type'>): boolean =>
  type.startsWith('host-') || type.startsWith('upload-')

/** The hosts of the settings are reached without a person. */
const inSettings = 'registry.example'

const mebibyte = 1_048_576

/**
 * The proxy to other hosts and what instances try there. It knows an entry by its text alone: which
 * addresses an entry means is shown by the tests of the real proxy.
 */
export class Egress {
  readonly #parts: EgressParts
  /** What was reported as sent, in this life of the proxy. */
  readonly #counted = new WeakMap<ProxyLife['report'], Set<string>>()

  constructor(parts: EgressParts) {
    this.#parts = parts
  }

  /** What an instance tries in one turn. It waits for nothing of it. */
  tryOut(instance: InstanceId): void {
    const { faults } = this.#parts
    const asked = faults.strike('host-asked', instance)
    if (asked !== null) this.#ask(instance, asked.pick(wantedHosts))
    const slow = faults.strike('host-answer-late', instance)
    if (slow !== null) void this.#askSlowly(instance, slow)
    const flood = faults.strike('host-flood', instance)
    if (flood !== null) this.#flood(instance, flood)
    const upload = faults.strike('upload-large', instance)
    if (upload !== null) this.#send(instance, upload)
    const uploads = faults.strike('upload-flood', instance)
    if (uploads !== null)
      for (let count = uploads.between(10, 40); count > 0; count -= 1)
        this.#notice(instance, `${count}.${inSettings}`, uploads.between(21, 99))
  }

  #ask(instance: InstanceId, host: string): void {
    const life = this.#parts.life()
    if (life === null) return
    if (!isReached(host, life.allowed)) return life.report({ type: 'host-refused', instance, host })
    const bytes = { sentBytes: 10, receivedBytes: 20, durationMs: 30 }
    life.report({ type: 'host-reached', instance, host: `${host}:443`, ...bytes })
  }

  /**
   * It tries again and again, and the names take long to look up: people decide meanwhile, or the
   * launch ends.
   */
  async #askSlowly(instance: InstanceId, random: Random): Promise<void> {
    for (let tries = random.between(1, 12); tries > 0; tries -= 1) {
      const life = this.#parts.life()
      for (const host of wantedHosts)
        if (life !== null && !isReached(host, life.allowed))
          void wait(this.#parts.clock, random.between(100, 20_000)).then(() =>
            life.report({ type: 'host-refused', instance, host }),
          )
      await wait(this.#parts.clock, random.between(2_000, 15_000))
    }
  }

  #flood(instance: InstanceId, random: Random): void {
    for (let count = random.between(10, 60); count > 0; count -= 1)
      this.#ask(instance, `${random.between(1, 1_000)}.flood.example`)
    for (const host of bait) this.#ask(instance, host)
  }

  /** The proxy knows no name for what it does not count apart. */
  #send(instance: InstanceId, random: Random): void {
    const allowed = this.#parts.life()?.allowed ?? []
    const host = random.pick([inSettings, 'many hosts together', ...allowed])
    this.#notice(instance, host, random.between(21, 900))
  }

  /** Once in each life of the proxy. */
  #notice(instance: InstanceId, host: string, mebibytes: number): void {
    const life = this.#parts.life()
    if (life === null) return
    const counted = this.#counted.get(life.report) ?? new Set()
    this.#counted.set(life.report, counted)
    const name = `${instance} ${host}`
    if (counted.has(name)) return
    counted.add(name)
    life.report({ type: 'upload-noticed', instance, host, sentBytes: mebibytes * mebibyte })
  }
}
