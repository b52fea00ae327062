import { execFile } from 'node:child_process'
import { promises as dns } from 'node:dns'
import { promisify } from 'node:util'
import type { Lookup, Resolve } from './resolved.ts'

/*
 * `dns.lookup` occupies a thread until the DNS servers of a name have answered, or for half a
 * minute; Node has two for the whole process. An instance may ask for any number of names whose
 * servers are silent, so its lookups use none, and end with their signal.
 */

/** Of each DNS server, in the first of two rounds. */
const answerMs = 2_000

/**
 * Names that a person allowed are found as by every other program of this machine, also in
 * /etc/hosts. All others are names of the internet: DNS servers are asked.
 */
export const lookUp: Resolve = (name, how) =>
  how.isListed ? askSystem(name, how) : askServers(name, how)

const execute = promisify(execFile)

async function askSystem(name: string, { signal }: Lookup): Promise<readonly string[]> {
  try {
    const { stdout } = await execute('getent', ['ahosts', name], { signal, killSignal: 'SIGKILL' })
    return [...new Set(stdout.split('\n').flatMap((line) => /^\S+/.exec(line)?.[0] ?? []))]
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === notFoundExit) return []
    throw new Error(`looking up ${name} failed`, { cause: error })
  }
}

/** Of getent, when the name has no address. */
const notFoundExit = 2

async function askServers(name: string, { signal }: Lookup): Promise<readonly string[]> {
  signal.throwIfAborted()
  const resolver = new dns.Resolver({ timeout: answerMs, tries: 2 })
  const cancel = (): void => resolver.cancel()
  signal.addEventListener('abort', cancel, { once: true })
  try {
    const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)])
    const addresses = answers.flatMap((each) => (each.status === 'fulfilled' ? each.value : []))
    const failed = answers.find((each) => each.status === 'rejected' && !isAbsent(each.reason))
    if (addresses.length === 0 && failed?.status === 'rejected')
      throw new Error(`looking up ${name} failed`, { cause: failed.reason })
    return addresses
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}

const isAbsent = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  (error.code === dns.NOTFOUND || error.code === dns.NODATA)
