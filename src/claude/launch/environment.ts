import type { LaunchOrder } from '../../ports/instances.ts'
import type { Place } from './place.ts'

/** Variables for every process of an instance: the agent, its hooks, its tools. */
export function instanceEnvironment(
  order: LaunchOrder,
  place: Place,
): Readonly<Record<string, string>> {
  return {
    WORKER_ID: String(order.number),
    TOTAL_WORKERS: String(order.totalWorkers),
    INSTANCE_ROLE: order.role,
    INSTANCE_ID: order.instance,
    LAUNCH: String(order.launch),
    ORCHESTRATOR_URL: place.serverUrl,
    ORCHESTRATOR_TOKEN: order.token,
    ...(place.network === null ? {} : { ORCHESTRATOR_SOCKETS: place.network.sockets }),
    ORCHESTRATOR_HUB: place.hub,
    ORCHESTRATOR_WORKSPACE: place.workspace,
    ORCHESTRATOR_OUTBOX: place.outbox,
    ...(place.carrier === null ? {} : { ORCHESTRATOR_CARRIER: place.carrier }),
    TARGET_BRANCH: place.targetBranch,
    TZ: 'UTC',
    LANG: 'C.UTF-8',
    TERM: 'xterm-256color',
  }
}

/** One `NAME=value` per line, without quoting. Throws for a value with a line break or a NUL. */
export function environmentFile(environment: Readonly<Record<string, string>>): string {
  return lines(Object.entries(environment).map(([name, value]) => `${name}=${value}`))
}

/** One argument per line. Throws for one with a line break or a NUL. */
export function argumentsFile(words: readonly string[]): string {
  return lines(words)
}

function lines(texts: readonly string[]): string {
  const broken = texts.find((text) => /[\n\0]/.test(text))
  if (broken !== undefined)
    throw new Error(
      `${JSON.stringify(broken.split('=')[0])} holds a line break or a NUL ` +
        'and cannot reach an instance',
    )
  return texts.map((text) => `${text}\n`).join('')
}
