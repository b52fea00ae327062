import { fileURLToPath } from 'node:url'
import { GitPluginError, simpleGit } from 'simple-git'
import { type Ended, endedBySignal, type Invocation } from './invocation.ts'
import { stderrBytes } from './limits.ts'

/**
 * Starts git, which stops the calling thread for milliseconds, and waits for its end. Every run
 * needs a new simple-git, because input, exit code and time limit are settings of its instance.
 */
export async function runGit(invocation: Invocation): Promise<Ended> {
  const { directory, args, config, environment, input, outputBytes, silenceMs } = invocation
  const said = { exitCode: endedBySignal, stdout: new Uint8Array(), stderr: '' }
  const hasInput = input !== null && input !== ''
  const [tooMuch, beganAt] = [new AbortController(), performance.now()]
  const git = simpleGit({
    baseDir: directory,
    config: [...config],
    allowEnvironment: [...Object.keys(environment), 'NO_INPUT'],
    unsafe: allowedHere,
    binary: ['/bin/sh', limitedGit],
    abort: tooMuch.signal,
    timeout: { block: silenceMs },
    input: () => input ?? undefined,
    errors: (error, result) => {
      said.exitCode = result.exitCode ?? endedBySignal
      if (!tooMuch.signal.aborted) said.stdout = joined(result.stdOut)
      said.stderr = withoutStack(Buffer.concat(result.stdErr).toString().trim())
      return error instanceof GitPluginError ? error : undefined
    },
  })
    .env({ ...environment, ...(hasInput ? {} : { NO_INPUT: '1' }) })
    .outputHandler((_, stdout, stderr) => {
      bound(stdout, outputBytes, tooMuch)
      bound(stderr, stderrBytes, tooMuch)
      endAtOnce(stdout)
    })
  const failure = await git.raw([...args]).then(
    () => null,
    (cause: unknown) => (cause instanceof Error ? cause.message : String(cause)),
  )
  const elapsedMs = performance.now() - beganAt
  return { ...said, printedTooMuch: tooMuch.signal.aborted, elapsedMs, failure }
}

/** Ends git when a stream brings more than this: all of it is kept in memory. */
function bound(stream: NodeJS.ReadableStream, bytes: number, tooMuch: AbortController): void {
  let left = bytes
  stream.on('data', (chunk: Buffer) => {
    left -= chunk.length
    if (left < 0 && !tooMuch.signal.aborted) tooMuch.abort()
  })
}

/**
 * After a command that printed nothing, simple-git waits 50 ms for output that may be late. Nothing
 * comes after the end of the stream, so it is given an empty piece of output then.
 */
function endAtOnce(stdout: NodeJS.ReadableStream): void {
  stdout.once('end', () => stdout.emit('data', Buffer.alloc(0)))
}

/** With memory of its own, which can be given to another thread. */
function joined(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

/** When git cannot be started, simple-git puts the error with its stack in place of stderr. */
const withoutStack = (text: string): string => text.replaceAll(/\n\s+at .*/g, '')

/**
 * simple-git refuses the hub's settings, and the operator's for the origin, unless each kind is
 * allowed.
 */
const allowedHere = {
  allowUnsafeHooksPath: true,
  allowUnsafeConfigPaths: true,
  allowUnsafeConfigEnvCount: true,
  allowUnsafeTemplateDir: true,
  allowUnsafeCredentialHelper: true,
  allowUnsafeUrlRewrite: true,
  allowUnsafeSshCommand: true,
  allowUnsafeAskPass: true,
  allowUnsafeCustomBinary: true,
}

const limitedGit = fileURLToPath(new URL('./limited-git.sh', import.meta.url))
