import { execFile } from 'node:child_process'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { RuntimeKind } from './arguments.ts'
import type { Setup } from './setup.ts'
import type { Status } from './status.ts'
import { type Finding, finding } from './verify.ts'

const run = promisify(execFile)

/**
 * What is ending may take its time to end on a busy machine; what is still there after so long
 * stays.
 */
const patienceMs = 60_000

/** Looks for everything that a run may own outside its directory. */
export async function findLeftovers(
  setup: Setup,
  runtime: RuntimeKind,
  { run: { id }, terminals }: Status,
): Promise<readonly Finding[]> {
  const deadline = Date.now() + patienceMs
  const leftAfterAll = async (look: () => Promise<readonly string[]>) => {
    for (;;) {
      const found = await look()
      if (found.length === 0 || Date.now() > deadline) return found
      await delay(200)
    }
  }
  return [
    ...(runtime === 'docker'
      ? [finding('no container is left', await leftAfterAll(() => containersOf(id)))]
      : []),
    finding('no terminal is left', await leftAfterAll(() => sessionsOn(terminals.socket))),
    finding('no process is left', await leftAfterAll(() => processesUnder(setup.root))),
  ]
}

async function containersOf(runId: string): Promise<readonly string[]> {
  const filter = `label=claude-code-orchestrator.run=${runId}`
  const { stdout } = await run('docker', [
    'ps',
    '--all',
    '--filter',
    filter,
    '--format',
    '{{.Names}} {{.Status}}',
  ])
  return linesOf(stdout)
}

async function sessionsOn(socket: string): Promise<readonly string[]> {
  try {
    const { stdout } = await run('tmux', ['-L', socket, 'list-sessions', '-F', '#{session_name}'])
    return linesOf(stdout)
  } catch {
    return [] // tmux fails when no server listens on the socket
  }
}

/**
 * Processes whose directory, arguments or environment name it; none where the system has no /proc.
 */
async function processesUnder(root: string): Promise<readonly string[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter(
    (name) => /^\d+$/.test(name) && Number(name) !== process.pid,
  )
  const found = await Promise.all(
    pids.map(async (pid) => {
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
      const directory = await readlink(`/proc/${pid}/cwd`).catch(() => '')
      const belongs =
        directory.startsWith(root) || command.includes(root) || environment.includes(root)
      return belongs ? [`${pid} ${command.replaceAll('\0', ' ').slice(0, 120)}`] : []
    }),
  )
  return found.flat()
}

const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '')
