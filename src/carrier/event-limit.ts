/** Bytes of one event. The rest is cut off, and the server refuses what it cannot parse. */
export const largestEvent = 4 * 1024 * 1024
