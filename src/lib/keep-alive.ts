/**
 * Asks a silent host whether it is still there: after 5 s, and then, as libuv sets it, once a
 * second ten times. A network cut ends a connection 15 s after its last byte; without it, a request
 * that waits for its answer waits as long as its own time limit, for a model ten minutes.
 */
export const keepAlive = {
  keepAlive: true,
  keepAliveInitialDelay: 5_000,
} as const
