import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface ToolRun {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly durationMs: number
}

export const toolPath = (name: string): string =>
  fileURLToPath(new URL(`../../docker/tools/${name}`, import.meta.url))

/**
 * Starts one of the instance's tools with nothing in its environment but `env` and PATH; `pid` is
 * the tool's own.
 */
export const startTool = (
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  input = '',
) => startCommand(toolPath(name), args, env, input)

/** The same of any command. */
export function startCommand(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  input = '',
) {
  const startedAt = performance.now()
  const child = spawn(command, args, { env: { PATH: process.env['PATH'] ?? '', ...env } })
  const ended = new Promise<ToolRun>((resolve, reject) => {
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk))
    child.on('error', reject)
    child.on('close', (code) =>
      resolve({ code, stdout, stderr, durationMs: performance.now() - startedAt }),
    )
  })
  child.stdin.on('error', () => {
    // A killed tool closes its end first; its exit follows.
  })
  child.stdin.end(input)
  return { child, ended }
}

export function runTool(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  input = '',
): Promise<ToolRun> {
  return startTool(name, args, env, input).ended
}

/** Starts a tool that talks for as long as it is talked to. */
export const startToolOpen = (name: string, env: Readonly<Record<string, string>>): ChildProcess =>
  spawn(toolPath(name), [], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
