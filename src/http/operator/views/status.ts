import type { Instance } from '../../../core/model/instance.ts'
import { budgetVerdict } from '../../../core/model/ledger.ts'
import type { State } from '../../../core/model/state.ts'
import type { Handoffs } from '../../../engine/observe/handoffs.ts'
import type { RunningCheck } from '../../../engine/observe/running-checks.ts'
import type { HostsView } from '../../contract/host.ts'
import type { StatusQuery, StatusView } from '../../contract/status.ts'
import { countBackups } from './backup.ts'
import type { CurlOf } from './curl.ts'
import { viewCredential } from './credential.ts'
import { type ProposedHost, viewHosts } from './hosts.ts'
import { viewInstance } from './instance.ts'
import { viewLine } from './line.ts'
import { viewMerge } from './merge.ts'
import { viewRun } from './run.ts'
import { type StoreHealth, viewStore } from './store.ts'
import { viewTasks } from './task-page.ts'
import { needOfWithheld } from './withheld.ts'

export interface StatusSource {
  readonly state: State
  readonly store: StoreHealth
  readonly handoffs: Handoffs
  readonly terminalSocket: string
  readonly runtime: string
  readonly containerOf: (instance: Instance) => string | null
  /** Why the server cannot reach its instances, as a sentence with its remedy; null when it can. */
  readonly runtimeOutage: string | null
  readonly network: HostsView['network']
  readonly proposedHosts: readonly ProposedHost[]
  /** The checks that run now. */
  readonly runningChecks: readonly RunningCheck[]
  /** Writes the command lines of remedies. */
  readonly curl: CurlOf
}

export function viewStatus(source: StatusSource, query: StatusQuery = {}): StatusView {
  const { state, store, handoffs, terminalSocket, runtime } = source
  const { containerOf, runtimeOutage, runningChecks, network, proposedHosts, curl } = source
  const { lines, instances, tasks, merges, credentials, ledger, policy, hosts } = state
  return {
    run: viewRun(state, runtimeOutage, curl, runningChecks),
    lines: [...lines.values()].map((each) => viewLine(each, runningChecks)),
    runtime,
    instances: [...instances.values()].map((each) =>
      viewInstance(each, containerOf(each), needOfWithheld(state, each, curl)),
    ),
    ...viewTasks(tasks, query),
    merges: merges.map((each) => viewMerge(each, curl)),
    credentials: [...credentials.values()].map(viewCredential),
    backups: countBackups(state),
    hosts: viewHosts(hosts, network, proposedHosts, curl),
    usage: { budget: budgetVerdict(ledger, policy.budget, null), ...ledger },
    state: viewStore(store),
    handoffs,
    terminals: { socket: terminalSocket },
  }
}
