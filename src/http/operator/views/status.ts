import type { Instance } from '../../../core/model/instance.ts'
import { budgetVerdict } from '../../../core/model/ledger.ts'
import type { Handoffs } from '../../../engine/observe/handoffs.ts'
import type { HostsView } from '../../contract/host.ts'
import type { StatusQuery, StatusView } from '../../contract/status.ts'
import { countBackups } from './backup.ts'
import { viewCredential } from './credential.ts'
import { type ProposedHost, viewHosts } from './hosts.ts'
import { viewInstance } from './instance.ts'
import { viewLine } from './line.ts'
import { viewMerge } from './merge.ts'
import { type RunSource, viewRun } from './run.ts'
import { type StoreHealth, viewStore } from './store.ts'
import { viewTasks } from './task-page.ts'
import { needOfWithheld } from './withheld.ts'

export interface StatusSource extends RunSource {
  readonly store: StoreHealth
  readonly handoffs: Handoffs
  readonly terminalSocket: string
  readonly runtime: string
  readonly containerOf: (instance: Instance) => string | null
  readonly network: HostsView['network']
  readonly proposedHosts: readonly ProposedHost[]
}

export function viewStatus(source: StatusSource, query: StatusQuery = {}): StatusView {
  const { state, store, handoffs, terminalSocket, runtime } = source
  const { containerOf, runningChecks, network, proposedHosts, curl } = source
  const { lines, instances, merges, credentials, ledger, policy, hosts } = state
  return {
    run: viewRun(source),
    lines: [...lines.values()].map((each) => viewLine(each, runningChecks)),
    runtime,
    instances: [...instances.values()].map((each) =>
      viewInstance(each, containerOf(each), needOfWithheld(state, each, curl)),
    ),
    ...viewTasks(state, query, curl),
    merges: merges.map((each) => viewMerge(each, curl)),
    credentials: [...credentials.values()].map((each) => viewCredential(each, curl)),
    backups: countBackups(state),
    hosts: viewHosts(hosts, network, proposedHosts, curl),
    usage: { budget: budgetVerdict(ledger, policy.budget, null), ...ledger },
    state: viewStore(store),
    handoffs,
    terminals: { socket: terminalSocket },
  }
}
