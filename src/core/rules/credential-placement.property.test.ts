import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { one, planned, Run } from '../../../test/support/run.ts'
import { steps, walks } from '../../../test/support/walk.ts'
import { CredentialId } from '../model/ids.ts'
import { isRunning } from '../model/instance.ts'
import { timeouts } from '../model/policy.ts'
import { isRunOver } from '../model/run.ts'

/** Only ends a hang: on an idle machine, the longest of these tests takes a few seconds. */
const hangMs = 120_000

/** A credential with the version of its secret, as the settings hold it. */
type Value = string

/**
 * A server and a Claude Code whose parts move one at a time: commands wait in a queue, their
 * outcomes on the way to the core, hooks in the outbox. A crash of the server loses the first two.
 */
class Rotations {
  readonly run = new Run({ workerCount: 1 }, 6).planned([planned('a')]).confirmed(one)
  readonly #versions = new Map<CredentialId, number>()
  #file = this.#valueOf(this.run.instance(one).credential)
  #used = this.#file
  #isUnread = false
  #queue: CredentialId[] = []
  #outcomes: CredentialId[] = []
  /** What Claude Code had read when it sent the hook. */
  #outbox: Value[] = []

  readonly moves = {
    move: (n: number) => this.#note({ type: 'instance-moved', instance: one, credential: key(n) }),
    secret: (n: number) => {
      this.#versions.set(key(n), (this.#versions.get(key(n)) ?? 0) + 1)
      const credentials = [...this.run.state.credentials.values()]
      this.#note({ type: 'credentials-changed', credentials, changed: [key(n)] })
    },
    fail: () =>
      this.#note({
        type: 'turn-failed',
        modelError: { kind: 'quota', window: 'weekly', until: this.run.at + 3_600_000 },
        message: '',
        inSubagent: false,
        ...this.run.from(one),
      }),
    execute: () => {
      const next = this.#queue.shift()
      if (next === undefined) return
      this.#file = this.#valueOf(next)
      this.#isUnread = true
      this.#outcomes.push(next)
    },
    record: () => {
      const credential = this.#outcomes.shift()
      if (credential !== undefined)
        this.#note({ type: 'credential-placed', credential, ...this.run.from(one) })
    },
    /** Claude Code reads its settings after they changed, once for several changes in a row. */
    read: () => {
      if (!this.#isUnread) return
      this.#isUnread = false
      this.#used = this.#file
      this.#outbox.push(this.#used)
    },
    /**
     * That takes Claude Code a second after the write. By then the outcome of the write is
     * recorded, or lost with the server.
     */
    readLater: () => {
      while (this.#outcomes.length > 0) this.moves.record()
      this.moves.read()
    },
    deliver: () => this.deliver(),
    crash: () => {
      this.#queue = []
      this.#outcomes = []
      this.run.start()
      this.#queue.push(...this.#asked())
    },
  }

  get used(): Value {
    return this.#used
  }

  /** What is recorded as in use; null when that is unknown. */
  get recorded(): Value | null {
    const { credentialInUse } = this.run.instance(one)
    return credentialInUse === null ? null : this.#valueOf(credentialInUse)
  }

  /** What Claude Code had read when it sent the oldest hook, if that ended a rotation. */
  deliver(): Value | null {
    const read = this.#outbox.shift()
    if (read === undefined) return null
    const { rotation } = this.run.instance(one)
    this.#note({ type: 'settings-read', ...this.run.from(one) })
    return rotation?.step === 'reading' ? read : null
  }

  /** Everything under way arrives, in order. */
  settle(): void {
    for (let turn = 0; turn < 20; turn += 1)
      for (const name of ['execute', 'readLater', 'deliver'] as const) this.moves[name]()
  }

  #valueOf(credential: CredentialId | null): Value {
    return `${credential} ${credential === null ? 0 : (this.#versions.get(credential) ?? 0)}`
  }

  #note(event: Parameters<Run['when']>[0]): void {
    this.run.when(event)
    this.#queue.push(...this.#asked())
  }

  #asked(): CredentialId[] {
    const all = this.run.asked('replace-credential')
    return all.filter(({ instance }) => instance === one).map(({ credential }) => credential)
  }
}

const key = (n: number): CredentialId => CredentialId(`key-${(n % 6) + 1}`)

const decisions = ['move', 'secret', 'fail'] as const
const arrivals = ['execute', 'record', 'deliver'] as const
const paths = (names: readonly (keyof Rotations['moves'])[]) =>
  fc.array(fc.record({ name: fc.constantFrom(...names), n: fc.nat(5) }), {
    size: 'max',
    maxLength: 80,
  })

describe('in any order of decisions, placements and hooks', () => {
  it(
    'a read confirms only what Claude Code had read',
    () => {
      fc.assert(
        fc.property(paths([...decisions, ...arrivals, ...arrivals, 'read', 'read']), (path) => {
          const world = new Rotations()
          for (const { name, n } of path) {
            const read = name === 'deliver' ? world.deliver() : world.moves[name](n)
            const confirmed = typeof read === 'string' ? world.recorded : null
            expect(confirmed).toBe(confirmed === null ? null : read)
          }
        }),
        { numRuns: 1_000 },
      )
    },
    hangMs,
  )

  it(
    'the leased credential is in use in the end, also after crashes of the server',
    () => {
      fc.assert(
        fc.property(
          paths([...decisions, 'crash', ...arrivals, ...arrivals, 'readLater']),
          (path) => {
            const world = new Rotations()
            for (const { name, n } of path) world.moves[name](n)
            world.settle()
            const { credential, credentialInUse, rotation, phase } = world.run.instance(one)
            expect(rotation).toBeNull()
            expect(phase).not.toMatchObject({ wait: 'rotating' })
            if (credential === null) return
            expect(credentialInUse).toBe(credential)
            expect(world.used).toBe(world.recorded)
          },
        ),
        { numRuns: 1_000 },
      )
    },
    hangMs,
  )
})

describe('in any sequence of events', () => {
  it(
    'a rotation belongs to a running launch and ends in time, and what waits for one has one',
    () => {
      fc.assert(
        fc.property(walks({ minLength: 50, maxLength: 150 }), ({ begin, path }) => {
          const run = begin()
          for (const { name, n } of path) {
            steps[name]?.(run, n)
            for (const { phase, rotation } of run.state.instances.values()) {
              const awaitsRotation =
                (phase.name === 'rate-limited' && phase.wait === 'rotating') ||
                (phase.name === 'prompted' && phase.awaits === 'rotation')
              expect(awaitsRotation && rotation === null).toBe(false)
              if (rotation === null || isRunOver(run.state.run)) continue
              expect(isRunning(phase)).toBe(true)
              expect(rotation.until - rotation.since).toBeLessThanOrEqual(timeouts.placeMs)
              const isDue = rotation.until <= run.at
              expect(isDue && (name === 'later' || name === 'soon')).toBe(false)
            }
          }
        }),
        { numRuns: 100 },
      )
    },
    hangMs,
  )
})
