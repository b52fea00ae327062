import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { docker } from './containers.ts'
import type { Inside } from './inside.ts'

/** It is sent as text: it uses nothing but its argument, globals and what it imports itself. */
type Work<Given, Result> = (given: Given) => Promise<Result>

/** Runs a function in the container of an instance, in Node, and returns its result. */
export async function runInside<Given, Result>(
  inside: Inside,
  work: Work<Given, Result>,
  given: Given,
): Promise<Result> {
  return resultIn(await inside.output('node --no-warnings -', scriptOf(work, given))) as Result
}

/**
 * Runs a function as another user of this machine, whose files are below `/host`. The user is that
 * of a container with the network and the processes of the machine, so that it needs no root.
 */
export async function runAsLocalUser<Given, Result>(
  inside: Inside,
  work: Work<Given, Result>,
  given: Given,
): Promise<Result> {
  const image = await docker('inspect', '--format', '{{.Config.Image}}', inside.container)
  const child = spawn('docker', [
    ...['run', '--rm', '--interactive', '--network=host', '--pid=host', '--user=65534:65534'],
    ...['--volume=/:/host:ro', '--entrypoint=node', image, '--no-warnings', '-'],
  ])
  child.stdin.on('error', () => undefined).end(scriptOf(work, given))
  const [said, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ])
  if (code !== 0) throw new Error(`a container as another user ends with ${code}: ${errors}`)
  return resultIn(said.trim()) as Result
}

function scriptOf<Given, Result>(work: Work<Given, Result>, given: Given): string {
  return `(${work.toString()})(${JSON.stringify(given)}).then((result) => {
    process.stdout.write('\\n' + JSON.stringify(result ?? null), () => process.exit(0))
  })`
}

const resultIn = (said: string): unknown => JSON.parse(said.split('\n').at(-1) ?? '')
