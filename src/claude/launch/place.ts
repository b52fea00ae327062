/** Where an instance runs, in paths and addresses as the instance sees them. */
export interface Place {
  readonly serverUrl: string
  readonly hub: string
  readonly workspace: string
  readonly outbox: string
  /** The directory of `hook`, `mcp`, `workspace` and `entrypoint`. */
  readonly tools: string
  /** The directory of `launchFiles`. */
  readonly settings: string
  readonly targetBranch: string
  readonly model: string
  /** The operator's own variables for Claude Code and what it runs. */
  readonly environment: Readonly<Record<string, string>>
}
