/** What the carrier knows of its launch, from the variables of the instance. */
export interface CarrierEnvironment {
  /** Of the server. */
  readonly url: string
  /** The directory of the server's sockets, in a container without a network; otherwise null. */
  readonly sockets: string | null
  readonly token: string
  readonly launch: number
  /** The directory in which hooks wait. */
  readonly outbox: string
  /** The directory that tools are run in. */
  readonly workspace: string
  /** The port of loopback on which Claude Code reaches the carrier. */
  readonly port: number
}

/** Throws for a variable that is missing, by its name. */
export function readEnvironment(
  variables: Readonly<Record<string, string | undefined>>,
): CarrierEnvironment {
  const read = (name: string): string => {
    const value = variables[name]
    if (value === undefined || value === '') throw new Error(`the variable ${name} is not set`)
    return value
  }
  return {
    url: read('ORCHESTRATOR_URL'),
    sockets: variables['ORCHESTRATOR_SOCKETS'] || null,
    token: read('ORCHESTRATOR_TOKEN'),
    launch: Number(variables['LAUNCH'] ?? 0),
    outbox: read('ORCHESTRATOR_OUTBOX'),
    workspace: read('ORCHESTRATOR_WORKSPACE'),
    port: Number(new URL(read('ORCHESTRATOR_CARRIER')).port),
  }
}
