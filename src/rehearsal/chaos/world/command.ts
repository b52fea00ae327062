import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * What a command of this machine prints; throws with what it said when it fails or takes longer
 * than a minute.
 */
export async function output(command: string, ...words: readonly string[]): Promise<string> {
  const { stdout } = await run(command, words, { timeout: 60_000, maxBuffer: 256 * 1024 * 1024 })
  return stdout.trimEnd()
}

export const docker = (...words: readonly string[]): Promise<string> => output('docker', ...words)

export const linesOf = (text: string): readonly string[] =>
  text.split('\n').filter((line) => line !== '')

/**
 * Faults strike at any time: what they are aimed at may be gone, and then there was nothing to
 * strike.
 */
export const succeeds = (work: Promise<unknown>): Promise<boolean> =>
  work.then(
    () => true,
    () => false,
  )
