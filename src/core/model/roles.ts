import { InstanceId } from './ids.ts'
import type { Policy } from './policy.ts'

/** In the order in which the instances of a team are served. */
export const roleNames = ['manager', 'worker', 'reviewer'] as const
export type Role = (typeof roleNames)[number]

/** Everything in which roles differ. Their instances are alike in mounts, network and limits. */
export interface RoleTraits {
  /** How many instances of the role a run has. */
  readonly count: (policy: Pick<Policy, 'workerCount'>) => number
  /** The number of the first; 0 is for a role with one instance, whose id has no number. */
  readonly firstNumber: 0 | 1
  /** The scheduler gives it tasks while it is ready. */
  readonly mayHoldTasks: boolean
  /** It submits the plan, and the news of the run is for it. */
  readonly mayPlan: boolean
  /** While it is ready and has nothing to do, another instance may take its credential. */
  readonly lendsIdleCredential: boolean
  /** It is needed without a task too, so an idle instance gives up its credential to start it. */
  readonly isStartedFirst: boolean
  /** What it may do in Claude Code; `claude/launch/permissions.ts` has the tools of each set. */
  readonly permissions: 'all-unattended' | 'read-only'
  /** The tools that the orchestrator gives it; `http/instance/tools.ts` has each set. */
  readonly tools: 'planning' | 'task' | 'none'
  /** The tool with which it fetches what a prompt does not say. */
  readonly fetchTool: 'state' | 'brief'
}

const traits = {
  manager: {
    count: () => 1,
    firstNumber: 0,
    mayHoldTasks: false,
    mayPlan: true,
    lendsIdleCredential: true,
    isStartedFirst: true,
    permissions: 'read-only',
    tools: 'planning',
    fetchTool: 'state',
  },
  worker: {
    count: ({ workerCount }) => workerCount,
    firstNumber: 1,
    mayHoldTasks: true,
    mayPlan: false,
    lendsIdleCredential: true,
    isStartedFirst: false,
    permissions: 'all-unattended',
    tools: 'task',
    fetchTool: 'brief',
  },
  // No run has one yet.
  reviewer: {
    count: () => 0,
    firstNumber: 1,
    mayHoldTasks: false,
    mayPlan: false,
    lendsIdleCredential: false,
    isStartedFirst: false,
    permissions: 'read-only',
    tools: 'none',
    fetchTool: 'brief',
  },
} satisfies Record<Role, RoleTraits>

export const traitsOf = (role: Role): RoleTraits => traits[role]

interface TeamMember {
  readonly id: InstanceId
  readonly role: Role
  readonly number: number
}

/** The instances that a policy asks for: `manager`, `worker-1` …, in the order of service. */
export function teamOf(policy: Pick<Policy, 'workerCount'>): readonly TeamMember[] {
  return roleNames.flatMap((role) => {
    const { count, firstNumber } = traitsOf(role)
    return Array.from({ length: count(policy) }, (_, index) => memberOf(role, firstNumber + index))
  })
}

const memberOf = (role: Role, number: number): TeamMember => ({
  id: InstanceId(number === 0 ? role : `${role}-${number}`),
  role,
  number,
})
