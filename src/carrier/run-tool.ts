import { spawn } from 'node:child_process'
import { basename, join } from 'node:path'
import type { Readable } from 'node:stream'

/** As `src/ports/workspaces.ts` has it. */
export interface ToolOutcome {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** `argv` begins with the name of a tool. */
export type RunTool = (argv: readonly string[]) => Promise<ToolOutcome>

/** Milliseconds; the server waits no longer. */
const longestRunMs = 5 * 60_000
/** Bytes of each output that are kept; the rest is read and dropped. */
const largestOutput = 256 * 1024

/** Runs the tools of a directory with the variables of this program, in a directory. */
export const toolsIn =
  (tools: string, directory: string): RunTool =>
  ([tool = '', ...words]) =>
    new Promise((resolve) => {
      // In a group of its own, so that all of it can be ended.
      const child = spawn(join(tools, basename(tool)), words, {
        cwd: directory,
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      })
      const timer = setTimeout(() => endGroup(child.pid), longestRunMs)
      const [stdout, stderr] = [headOf(child.stdout), headOf(child.stderr)]
      const finish = (exitCode: number, more = '') => {
        clearTimeout(timer)
        resolve({ exitCode, stdout: stdout(), stderr: stderr() + more })
      }
      child.on('error', (error) => finish(-1, `${error.message}\n`))
      child.on('close', (code) => finish(code ?? -1))
    })

function headOf(stream: Readable): () => string {
  const chunks: Buffer[] = []
  let left = largestOutput
  stream.on('data', (chunk: Buffer) => {
    if (left > 0) chunks.push(chunk.subarray(0, left))
    left -= chunk.length
  })
  return () => Buffer.concat(chunks).toString()
}

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // It has just ended.
  }
}
