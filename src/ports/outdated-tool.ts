/** A program of this machine is older than what the server is safe with; names the version. */
export class OutdatedTool extends Error {}
