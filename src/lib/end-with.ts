import type { ClientRequest } from 'node:http'

/**
 * Ends a request, and its answer, when the signal aborts. Node's own option `signal` closes the
 * connection with an error. Where the answer ended in the same turn of the event loop, Node has
 * already taken its listener off the connection, which goes back to its agent: the error would end
 * the process.
 */
export function endWith(request: ClientRequest, signal: AbortSignal): void {
  const end = (): void => void request.destroy()
  if (signal.aborted) return end()
  signal.addEventListener('abort', end, { once: true })
  request.once('close', () => signal.removeEventListener('abort', end))
}
