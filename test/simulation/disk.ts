import { Unavailable } from '../../src/ports/store-unavailable.ts'
import type { MaintainedStore } from '../../src/ports/store.ts'
import { isOfHosts } from './egress.ts'
import type { FaultContext } from './ports.ts'

/** Until when the disk is full; it is of the machine, and outlives the server. */
export interface Disk {
  fullUntil: number
}

/**
 * A store whose disk is full at times, and at whose commits the server is killed: before they are
 * durable, or after.
 */
export function mortal(
  store: MaintainedStore,
  disk: Disk,
  { clock, faults, life }: FaultContext,
): MaintainedStore {
  return {
    load: () => store.load(),
    commit(before, after, lines) {
      // The dead may go on dreaming: nothing of it is ever written, and their ports answer no more.
      if (life.isOver) return lines.map((line) => ({ sequence: 0, ...line }))
      // A place of their own: with reports of the proxy the other commits draw as without.
      const where = lines.every(({ event }) => isOfHosts(event)) ? 'store of hosts' : 'store'
      const full = faults.strike('state-disk-full', where)
      if (full !== null) disk.fullUntil = clock.now() + full.between(500, 120_000)
      if (clock.now() < disk.fullUntil) throw new Unavailable('the disk is full')
      const crash = faults.strike('server-kill-at-commit', where)
      if (crash?.chance(40)) {
        life.end()
        return lines.map((line) => ({ sequence: 0, ...line }))
      }
      const kept = store.commit(before, after, lines)
      if (crash !== null) life.end()
      return kept
    },
    probe() {
      if (life.isOver) return
      if (clock.now() < disk.fullUntil) throw new Unavailable('the disk is full')
      store.probe()
    },
    journal: (sequence, limit) => store.journal(sequence, limit),
    trim: (keep, limit) => (life.isOver ? 0 : store.trim(keep, limit)),
    backUp: async (at) => {
      if (life.isOver || clock.now() < disk.fullUntil) throw new Unavailable('the disk is full')
      return store.backUp(at)
    },
    newestBackup: () => store.newestBackup(),
    [Symbol.dispose]: () => undefined,
  }
}
