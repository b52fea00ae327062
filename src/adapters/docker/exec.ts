import { PassThrough } from 'node:stream'
import type { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { LARGEST_TOOL_OUTPUT } from '../../hosting/tool-limits.ts'
import type { ToolOutcome } from '../../ports/workspaces.ts'
import { headOf } from '../../lib/bounded-text.ts'
import { beginning } from './answer-limit.ts'
import type { Engine } from './engine.ts'
import { engineFailure } from './failure.ts'

interface Execution {
  readonly container: string
  readonly argv: readonly string[]
  readonly directory: string
  readonly timeoutMs: number
}

/**
 * Runs a command in a running container as the container's user. The command may be hostile, so its
 * time and output are limited.
 */
export async function execute(
  { streams, answerLimitMs, address }: Engine,
  { container, argv, directory, timeoutMs }: Execution,
): Promise<ToolOutcome> {
  const action = `running ${argv[0] ?? 'nothing'} in ${container}`
  try {
    const exec = await beginning(answerLimitMs, (abortSignal) =>
      streams.getContainer(container).exec({
        Cmd: [...argv],
        WorkingDir: directory,
        AttachStdout: true,
        AttachStderr: true,
        Tty: false,
        abortSignal,
      }),
    )
    const stream = await beginning(answerLimitMs, (abortSignal) =>
      exec.start({ hijack: true, stdin: false, abortSignal }),
    )
    const [stdout, stderr] = [new PassThrough(), new PassThrough()]
    streams.modem.demuxStream(stream, stdout, stderr)
    const texts = Promise.all([
      headOf(stdout, LARGEST_TOOL_OUTPUT),
      headOf(stderr, LARGEST_TOOL_OUTPUT),
    ])
    await within(stream, timeoutMs)
    stdout.end()
    stderr.end()
    const [out, err] = await texts
    const { ExitCode } = await beginning(answerLimitMs, (abortSignal) =>
      exec.inspect({ abortSignal }),
    )
    return { exitCode: ExitCode ?? -1, stdout: out, stderr: err }
  } catch (error) {
    throw engineFailure(action, error, address)
  }
}

async function within(stream: Readable, timeoutMs: number): Promise<void> {
  const timer = setTimeout(
    () => stream.destroy(new Error(`no end after ${timeoutMs / 1000} s`)),
    timeoutMs,
  )
  try {
    await finished(stream, { writable: false })
  } finally {
    clearTimeout(timer)
  }
}
