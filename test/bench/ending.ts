import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { removeLeftovers } from '../../src/rehearsal/chaos/checker/leftovers.ts'
import type { RuntimeKind } from '../../src/rehearsal/runner/arguments.ts'
import type { Server } from '../../src/rehearsal/runner/server.ts'
import { fetchStatus } from '../../src/rehearsal/runner/status.ts'

const run = promisify(execFile)

/** Ends a server, says what was wrong with its end, and removes what it left of its instances. */
export async function endServer(
  server: Server,
  runtime: RuntimeKind,
  say: (line: string) => void,
): Promise<void> {
  const status = await fetchStatus(server.url, server.token)
  const problem = await server.stop()
  if (problem !== null) say(`  ${problem}`)
  if (status === null) return
  const { socket } = status.terminals
  const words = ['-L', socket, 'list-sessions', '-f', '#{@command}', '-F', '#{session_name}']
  const left = await run('tmux', words).then(
    ({ stdout }) => stdout.trim().replaceAll('\n', ', '),
    () => '',
  )
  if (left !== '') say(`  the server left terminals: ${left}`)
  if (runtime === 'docker') await removeLeftovers(status.run.id, socket)
  else await run('tmux', ['-L', socket, 'kill-server']).catch(() => undefined)
}
