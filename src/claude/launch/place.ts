/** Where an instance runs, in paths and addresses as the instance sees them. */
export interface Place {
  readonly serverUrl: string
  /** For an instance without a network; null where it has one. */
  readonly network: {
    /** The directory of the server's sockets. */
    readonly sockets: string
    /** The proxy to other hosts. */
    readonly proxy: string
    /** The file with the registry of npm, as `npm_config_globalconfig` names it. */
    readonly npmrc: string
  } | null
  /** Variables by which programs find and trust other hosts; see `outwardVariables`. */
  readonly outward: Readonly<Record<string, string>>
  readonly hub: string
  readonly workspace: string
  readonly outbox: string
  /** Where the carrier takes hooks and calls of tools; null where scripts do. */
  readonly carrier: string | null
  /** The directory of `hook`, `mcp`, `workspace` and `entrypoint`. */
  readonly tools: string
  /** The directory of `launchFiles`. */
  readonly settings: string
  readonly targetBranch: string
  readonly model: string
  /** The operator's own variables for Claude Code and what it runs. */
  readonly environment: Readonly<Record<string, string>>
}
