import type { Duplex } from 'node:stream'
import { passHandshake, unrecognizedName } from './handshake.ts'
import type { Outlet, Reached } from './outlet.ts'
import { Tally } from './records.ts'
import { Refused } from './refusal.ts'
import { type SpliceEnd, splice } from './splice.ts'

/**
 * Joins a client, which was answered already, with a host. On port 443 the TLS handshake has to
 * name the host. Resolves when both sides are closed; rejects with `Refused` alone.
 */
export async function runTunnel(
  outlet: Outlet,
  client: Duplex,
  { target, host }: Reached,
): Promise<void> {
  const { limits, policy } = outlet.deps
  const tally = new Tally(target, 'tunnel')
  const counters = {
    onSent: (bytes: number) => outlet.countSent(tally, target, bytes),
    onReceived: (bytes: number) => {
      tally.receivedBytes += bytes
    },
  }
  let isStopped = false
  const close = (): void => {
    client.destroy()
    host.destroy()
  }
  using _open = outlet.keep(target, () => {
    isStopped = true
    close()
  })
  // Before they are joined, the errors of both have no other reader.
  client.on('error', close)
  host.on('error', close)
  try {
    if (target.port === 443) {
      const mayHideName = policy().mode === 'proxied'
      const timeoutMs = limits.headMs
      await passHandshake(client, host, { target, mayHideName, timeoutMs, ...counters })
    }
    const { idleMs, halfOpenMs } = limits
    const end: SpliceEnd = await splice(client, host, { idleMs, halfOpenMs, ...counters })
    outlet.report(tally, isStopped ? 'stopped' : end)
  } catch (error) {
    host.destroy()
    if (error instanceof Refused && !isStopped) {
      client.end(unrecognizedName, () => client.destroy())
      throw error
    }
    client.destroy()
    outlet.report(tally, isStopped ? 'stopped' : 'broken')
  }
}
