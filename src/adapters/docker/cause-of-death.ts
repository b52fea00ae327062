import { stripVTControlCharacters } from 'node:util'
import type Dockerode from 'dockerode'

/** Exit codes of signals from outside: what the instance printed before does not explain them. */
const KILLED = new Set([0, 129, 130, 137, 143])

/** Why a container ended, for the operator. Never rejects: it explains another failure. */
export async function causeOfDeath(container: Dockerode.Container): Promise<string> {
  const info = await container.inspect().catch(() => null)
  if (info === null) return 'the container is gone'
  const { OOMKilled, ExitCode, Error: problem } = info.State
  if (OOMKilled)
    return `out of memory (limit ${Math.round((info.HostConfig.Memory ?? 0) / 2 ** 20)} MiB)`
  const code = `exit code ${ExitCode}`
  if (problem !== '') return `${code}: ${problem}`
  const words = KILLED.has(ExitCode) ? '' : await lastWords(container)
  return words === '' ? code : `${code}: ${words}`
}

async function lastWords(container: Dockerode.Container): Promise<string> {
  const logs = await container
    .logs({ stdout: true, stderr: true, tail: 5 })
    .catch(() => Buffer.alloc(0))
  const lines = stripVTControlCharacters(logs.toString('utf8'))
    .split(/[\r\n]+/)
    .map((line) => line.replaceAll(/[^\x20-\x7e]/g, ' ').trim())
  return lines.findLast((line) => line !== '')?.slice(0, 300) ?? ''
}
