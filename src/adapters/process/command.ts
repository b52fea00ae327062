import { spawn } from 'node:child_process'
import { headOf } from '../../lib/bounded-text.ts'
import type { followChecks } from '../../hosting/check-output.ts'
import { lateCheckNote } from '../../hosting/check-script.ts'
import { LARGEST_TOOL_OUTPUT } from '../../hosting/tool-limits.ts'
import type { CheckOutcome } from '../../ports/checks.ts'
import type { ToolOutcome } from '../../ports/workspaces.ts'

interface Order {
  readonly argv: readonly string[]
  readonly directory: string
  readonly environment: Readonly<Record<string, string>>
  readonly timeoutMs: number
}

export async function runCommand(order: Order): Promise<ToolOutcome> {
  const { child, ended } = begin(order)
  const [end, stdout, stderr] = await Promise.all([
    ended,
    headOf(child.stdout, LARGEST_TOOL_OUTPUT),
    headOf(child.stderr, LARGEST_TOOL_OUTPUT),
  ])
  if (end.isLate)
    throw new Error(`${order.argv[0] ?? 'nothing'} had not ended after ${order.timeoutMs / 1000} s`)
  return { exitCode: end.exitCode, stdout, stderr }
}

/** `checks` gets both streams together, in the order of a terminal. */
export async function runWatched(
  order: Order,
  checks: ReturnType<typeof followChecks>,
): Promise<CheckOutcome> {
  const { child, ended } = begin(order)
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => checks.push(chunk))
  const { exitCode, isLate } = await ended
  return checks.outcome(exitCode === 0 && !isLate, isLate ? lateCheckNote(order.timeoutMs) : '')
}

/**
 * Starts the command in a process group of its own, which ends with it. A process that left the
 * group cannot delay the end by holding the output open.
 */
function begin({ argv: [program = '', ...words], directory, environment, timeoutMs }: Order) {
  const child = spawn(program, words, {
    cwd: directory,
    env: environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<{ exitCode: number; isLate: boolean }>((resolve, reject) => {
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      endGroup(child.pid)
    }, timeoutMs)
    let lastOutput: NodeJS.Timeout | undefined
    child.once('exit', () => {
      clearTimeout(timer)
      endGroup(child.pid)
      lastOutput = setTimeout(
        () => [child.stdout, child.stderr].forEach((stream) => stream.destroy()),
        LAST_OUTPUT_MS,
      )
    })
    child.once('error', (error) => {
      clearTimeout(timer)
      reject(new Error(`running ${program} failed`, { cause: error }))
    })
    child.once('close', (code) => {
      clearTimeout(lastOutput)
      resolve({ exitCode: code ?? -1, isLate })
    })
  })
  return { child, ended }
}

/** When a command ends, its output is in the pipe; reading it takes no longer than this. */
const LAST_OUTPUT_MS = 1_000

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // The group is already gone.
  }
}
