import { Unreachable } from '../../src/ports/unreachable.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { Faults } from './faults.ts'
import { wait } from './wait.ts'

/** One life of the server, from its start to its crash. */
export interface Life {
  readonly isOver: boolean
  readonly ended: Promise<void>
  /** Ends it here and now, as SIGKILL would. */
  end(): void
}

export interface FaultContext {
  readonly clock: Clock
  readonly faults: Faults
  readonly life: Life
}

/** The time limit of a call to the engine; see src/adapters/docker/engine.ts. */
const answerLimitMs = 60_000

/** A new promise for each call: a shared one would keep all that wait for it alive. */
const never = (): Promise<never> => new Promise(() => undefined)

/**
 * Asked every few seconds; a fault there is worth no more than elsewhere, and would be a hundred
 * times as frequent.
 */
const looks = new Set(['listOpen', 'listRunning', 'head', 'screen', 'look'])

/**
 * A port as a server finds it that may be killed at any call, before its effect or after it, and
 * whose calls fail, take their time or lose their answers. What was asked for when the server died
 * may happen all the same: a process that it began is done before the next server has started.
 */
export function faulty<Port extends object>(
  name: string,
  port: Port,
  circumstances: FaultContext,
): Port {
  const members = Object.entries(port).map(([member, value]: [string, unknown]) => {
    if (member === 'logins') return [member, faulty('logins', value as object, circumstances)]
    if (partsOfARuntime.has(member)) return [member, faulty(name, value as object, circumstances)]
    if (member === 'watch') return [member, watchUntilDeath(name, value as Watch, circumstances)]
    if (typeof value !== 'function' || isSynchronous.has(member)) return [member, value]
    const share = looks.has(member) ? 0.05 : 1
    return [
      member,
      (...args: unknown[]) =>
        call(
          `${name}.${member}`,
          share,
          () => Reflect.apply(value, port, args) as Promise<unknown>,
          circumstances,
        ),
    ]
  })
  return Object.fromEntries(members) as Port
}

const partsOfARuntime = new Set(['instances', 'workspaces', 'files', 'checkRunner'])

const isSynchronous = new Set([
  'externalNameOf',
  'terminalCommand',
  'uploadPack',
  'receivePack',
  'status',
])

async function call(
  where: string,
  share: number,
  effect: () => Promise<unknown>,
  around: FaultContext,
): Promise<unknown> {
  const { clock, faults, life } = around
  if (life.isOver) return never()
  const slow = faults.strike('call-slow', where, share)
  if (slow !== null) await Promise.race([wait(clock, slow.between(100, 20_000)), life.ended])
  const crash = faults.strike('server-kill-at-call', where, share)
  const isKilledBefore = crash?.chance(50) === true
  if (isKilledBefore) life.end()
  // Its caller is gone: it happens or it does not.
  if (life.isOver && !(slow ?? crash)?.chance(50)) return never()
  try {
    if (faults.strike('call-fails', where, share)) throw new Error(`${where} failed`)
    const hang = faults.strike('call-hangs', where, share)
    if (hang !== null) {
      if (hang.chance(50)) await effect()
      await Promise.race([wait(clock, answerLimitMs), life.ended])
      throw new Unreachable(`${where} did not answer within a minute`)
    }
    const answer = await effect()
    if (crash !== null) life.end()
    if (slow !== null) await wait(clock, slow.between(0, 5_000))
    if (faults.strike('answer-lost', where, share)) throw new Error(`${where} was not answered`)
    return life.isOver ? await never() : answer
  } catch (error) {
    if (life.isOver) return never()
    throw error
  }
}

type Watch = (listener: (notice: unknown) => void) => Disposable

function watchUntilDeath(name: string, watch: Watch, { clock, faults, life }: FaultContext): Watch {
  return (listener) =>
    watch((notice) => {
      if (life.isOver || faults.strike('notice-lost', name)) return
      const delay = faults.strike('notice-late', name)
      if (delay === null) listener(notice)
      else
        void wait(clock, delay.between(100, 60_000)).then(() =>
          life.isOver ? undefined : listener(notice),
        )
    })
}
