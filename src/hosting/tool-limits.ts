/** Preparing a large workspace takes minutes; a hostile one would run for ever. */
export const TOOL_TIMEOUT_MS = 5 * 60_000

/** Bytes of each output stream that are kept; the rest is read and dropped. */
export const LARGEST_TOOL_OUTPUT = 1024 * 1024
