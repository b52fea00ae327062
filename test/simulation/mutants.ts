import { Table } from '../../src/lib/table.ts'
import type { State } from '../../src/core/model/state.ts'
import type { NewEvent } from '../../src/engine/dispatch/dispatcher.ts'
import type { MaintainedStore } from '../../src/ports/store.ts'
import type { FakeRepository } from '../fakes/repository.ts'
import type { FaultContext } from './ports.ts'
import { wait } from './wait.ts'

/** A bug as a developer might write it, put around the parts of one life of the server. */
export interface Mutant {
  readonly store?: (store: MaintainedStore, around: FaultContext) => MaintainedStore
  readonly repository?: (repository: FakeRepository, around: FaultContext) => FakeRepository
  readonly fact?: (fact: NewEvent, state: State) => NewEvent
}

/** A commit returns before it is on the disk. */
const acknowledgesBeforeTheCommit: Mutant = {
  store(store, { clock, life }) {
    let sequence = store.journal(0, Number.MAX_SAFE_INTEGER).length
    return {
      ...store,
      commit(before, after, lines) {
        void wait(clock, 200).then(() =>
          life.isOver ? undefined : store.commit(before, after, lines),
        )
        return lines.map((line) => {
          sequence += 1
          return { sequence, ...line }
        })
      },
    }
  },
}

/** The launch of an event is ignored: it counts as sent by the newest launch. */
const forgetsTheFence: Mutant = {
  fact: (fact, { instances }) => {
    const launch = 'launch' in fact ? instances.get(fact.instance)?.launch : undefined
    return launch === undefined ? fact : ({ ...fact, launch } as NewEvent)
  },
}

/** The target is moved without a look at where it is. */
const ignoresTheCompareAndSwap: Mutant = {
  repository: (repository) => ({
    ...repository,
    async land(commit, base) {
      if (!(await repository.land(commit, base))) repository.force(commit)
      return true
    },
  }),
}

/** A merge is reported before the ref has moved. */
const reportsTheMergeTooEarly: Mutant = {
  repository: (repository, { clock, life }) => ({
    ...repository,
    async land(commit, base) {
      void wait(clock, 1_000).then(() => (life.isOver ? undefined : repository.land(commit, base)))
      return true
    },
  }),
}

/** What a workspace holds is said to be safe without a look. */
const restartsWithoutABackup: Mutant = {
  repository: (repository) => ({ ...repository, backUp: async () => ({ type: 'unchanged' }) }),
}

/** All leases are gone after a restart. */
const forgetsLeases: Mutant = {
  store: (store) => ({
    ...store,
    load() {
      const state = store.load()
      const credentials = [...(state?.credentials.values() ?? [])].map((credential) => ({
        ...credential,
        leases: [],
        unnamedLimits: 0,
      }))
      return state && { ...state, credentials: Table.of(credentials) }
    },
  }),
}

/** A report is not compared with what others changed. */
const acceptsWhatUndoesOthers: Mutant = {
  repository: (repository) => ({
    ...repository,
    takeIn: (instance, task, uploadPack, judge) =>
      repository.takeIn(instance, task, uploadPack, async (work) =>
        judge === undefined ? null : judge({ ...work, discardedBy: async () => [] }),
      ),
  }),
}

/** What people allowed is gone after a restart. */
const forgetsAllowedHosts: Mutant = {
  store: (store) => ({
    ...store,
    load() {
      const state = store.load()
      return state && { ...state, hosts: { ...state.hosts, allowed: [] } }
    },
  }),
}

/** What an instance asks for is allowed without a person. */
const allowsWhatIsAskedFor: Mutant = {
  fact: (fact) => (fact.type === 'host-refused' ? { type: 'host-allowed', host: fact.host } : fact),
}

export const mutants = {
  'acknowledges before the commit': acknowledgesBeforeTheCommit,
  'forgets the fence of launches': forgetsTheFence,
  'ignores the compare-and-swap of the target': ignoresTheCompareAndSwap,
  'reports a merge before the target has moved': reportsTheMergeTooEarly,
  'restarts an instance without a backup of its work': restartsWithoutABackup,
  'forgets who holds which credential': forgetsLeases,
  'accepts work that undoes what others changed': acceptsWhatUndoesOthers,
  'forgets which hosts people allowed': forgetsAllowedHosts,
  'allows the hosts that instances ask for': allowsWhatIsAskedFor,
} as const satisfies Readonly<Record<string, Mutant>>
