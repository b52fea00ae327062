import { taskBranch } from '../../core/model/ids.ts'
import type { Sync } from '../../core/model/run.ts'
import type { Credential } from '../../core/model/credential.ts'
import type { Instance } from '../../core/model/instance.ts'
import type { State } from '../../core/model/state.ts'
import type { Task } from '../../core/model/task.ts'
import { budgetVerdict } from '../../core/model/ledger.ts'
import { credentialNeeds, poolHints } from './pool-hints.ts'
import type { Handoffs } from '../../engine/observe/handoffs.ts'
import { type StoreHealth, storeStatus } from './store-status.ts'

export interface StatusSource {
  readonly state: State
  readonly store: StoreHealth
  readonly handoffs: Handoffs
  readonly terminalSocket: string
  readonly runtime: string
  readonly containerOf: (instance: Instance) => string | null
  /** What keeps the server from seeing its instances, as a sentence with its remedy; null when nothing does. */
  readonly blindness: string | null
}

/** How everything stands, as told by `/status`; times are ISO 8601, and there is never a secret in it. */
export function statusDocument({
  state,
  store,
  handoffs,
  terminalSocket,
  runtime,
  containerOf,
  blindness,
}: StatusSource) {
  const { run, instances, tasks, merges, credentials } = state
  return {
    run: {
      id: run.id,
      phase: run.phase.name,
      since: time(run.phase.since),
      reason: 'reason' in run.phase ? run.phase.reason : null,
      head: run.head,
      lists: choreStatus(run.lists),
      publish: choreStatus(run.publish),
      upstream: choreStatus(run.upstream),
      report: 'report' in run.phase ? run.phase.report : null,
      needs: blindness ?? runNeeds(state),
    },
    runtime,
    instances: [...instances.values()].map((instance) => ({
      id: instance.id,
      role: instance.role,
      phase: instance.phase.name,
      since: time(instance.phase.since),
      until: 'until' in instance.phase ? time(instance.phase.until) : null,
      reason: 'reason' in instance.phase ? instance.phase.reason : null,
      launch: instance.launch,
      task: instance.task,
      credential: instance.credential,
      container: containerOf(instance),
      needs: instanceNeeds(instance),
    })),
    tasks: [...tasks.values()].map(taskStatus),
    merges: merges.map(({ task, commit, phase }) => ({
      task,
      commit,
      phase: phase.name,
      since: time(phase.since),
      reason: 'reason' in phase ? phase.reason : null,
    })),
    credentials: [...credentials.values()].map(credentialStatus),
    backups: backupCounts(state),
    usage: { budget: budgetVerdict(state.ledger, state.rules.budget, null), ...state.ledger },
    state: storeStatus(store),
    handoffs,
    terminals: { socket: terminalSocket },
  }
}

export type StatusDocument = ReturnType<typeof statusDocument>

function taskStatus(task: Task) {
  const { phase, returned } = task
  return {
    id: task.id,
    title: task.title,
    phase: phase.name,
    since: time(phase.since),
    assignee: task.assignee,
    dependsOn: task.dependsOn,
    attempts: task.attempts.length,
    branch: taskBranch(task.id),
    commit: phase.name === 'merged' ? phase.commit : task.commit,
    progress: task.progress,
    summary: task.summary,
    reason:
      phase.name === 'blocked'
        ? phase.question
        : 'reason' in phase
          ? phase.reason
          : (returned?.kind ?? null),
    needs:
      phase.name === 'blocked'
        ? `an answer: POST /api/v1/tasks/${task.id}/answer (the Manager has been asked too)`
        : null,
  }
}

/** Also what `/api/v1/credentials` tells: never a secret. */
export function credentialStatus({ id, kind, phase, capacity, leases, windows }: Credential) {
  return {
    id,
    kind,
    phase: phase.name,
    since: time(phase.since),
    until: 'until' in phase ? time(phase.until) : null,
    reason:
      'reason' in phase
        ? phase.reason
        : 'window' in phase
          ? `its ${phase.window} window is used up`
          : null,
    capacity,
    leases,
    windows: windows.map(({ window, usedPercent, resetsAt, seenAt }) => ({
      window,
      usedPercent,
      resetsAt: resetsAt === null ? null : time(resetsAt),
      seenAt: time(seenAt),
    })),
    needs: credentialNeeds(id, phase),
  }
}

/** The list itself is at `/api/v1/backups`. */
function backupCounts({ backups }: State) {
  const phases = [...backups.values()].map(({ phase }) => phase.name)
  const count = (...names: typeof phases) => phases.filter((name) => names.includes(name)).length
  return {
    saved: count('saved'),
    saving: count('saving', 'failed'),
    unsaved: count('unsaved'),
    deleted: count('deleted', 'forgetting'),
  }
}

function choreStatus(chore: Sync) {
  return {
    phase: chore.name,
    reason: chore.name === 'failed' ? chore.reason : null,
    tries: 'tries' in chore ? chore.tries : 0,
  }
}

function runNeeds(state: State): string | null {
  const { run, merges, ledger, rules } = state
  if (budgetVerdict(ledger, rules.budget, null) === 'exceeded') {
    return 'the budget of the run is used up, so no new task is begun: raise budget.perRun and restart the server, or let it end here'
  }
  if (run.phase.name === 'failed') return run.phase.reason
  const starved = poolHints(state)
  if (starved !== null) return starved
  if (run.phase.name === 'awaiting-approval')
    return 'the plan waits for your approval: POST /api/v1/plan/approve'
  const stuck = [run.upstream, run.publish, run.lists, merges[0]?.phase].find(
    (chore) => chore?.name === 'failed',
  )
  return stuck?.name === 'failed' ? stuck.reason : null
}

function instanceNeeds({ phase }: Instance): string | null {
  switch (phase.name) {
    case 'absent':
      return 'a free credential: add a file to claudeConfigs, it is taken at once, or raise limits.instancesPerCredential'
    case 'quarantined':
      return `it failed too often (${phase.reason}): it is tried again by itself at the time shown, or at once when the server is restarted`
    default:
      return null
  }
}

const time = (at: number): string => new Date(at).toISOString()
