import { docker, linesOf, output } from '../world/command.ts'

/** The server's own session may still be ending with it. */
const instanceSessions = ['list-sessions', '-f', '#{@command}', '-F', '#{session_name}']

/** Containers, networks and terminals of a run that are still there. */
export async function leftoverProblems(run: string, socket: string): Promise<readonly string[]> {
  const filter = `label=claude-code-orchestrator.run=${run}`
  const [containers, networks, sessions] = await Promise.all([
    docker('ps', '--all', '--filter', filter, '--format', '{{.Names}} {{.Status}}'),
    docker('network', 'ls', '--filter', filter, '--format', '{{.Name}}'),
    output('tmux', '-L', socket, ...instanceSessions).catch(() => ''),
  ])
  return [
    ...linesOf(containers).map((name) => `the container ${name} is left`),
    ...linesOf(networks).map((name) => `the network ${name} is left`),
    ...linesOf(sessions).map((name) => `the terminal of ${name} is left`),
  ]
}

/** Removes what an interrupted run would leave behind. */
export async function removeLeftovers(run: string, socket: string): Promise<void> {
  const filter = `label=claude-code-orchestrator.run=${run}`
  for (const id of linesOf(await docker('ps', '--all', '--quiet', '--filter', filter)))
    await docker('rm', '--force', '--volumes', id)
  for (const id of linesOf(await docker('network', 'ls', '--quiet', '--filter', filter)))
    await docker('network', 'rm', id)
  await output('tmux', '-L', socket, 'kill-server').catch(() => '')
}
