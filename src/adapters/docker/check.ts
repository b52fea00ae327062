import { randomUUID } from 'node:crypto'
import { finished } from 'node:stream/promises'
import { createTail } from '../../lib/bounded-text.ts'
import { checkCommand, LARGEST_CHECK_OUTPUT, lateCheckNote } from '../../hosting/check-script.ts'
import type { CheckOutcome, CheckRunner } from '../../ports/checks.ts'
import { beginning } from './answer-limit.ts'
import { engineFailure, isNotFound } from './failure.ts'
import type { DockerHost } from './host.ts'
import { labelNames } from './labels.ts'
import { containerOptions, imageUser, inside } from './template.ts'

interface Check {
  readonly commit: string
  readonly commands: readonly string[]
  readonly timeoutMs: number
}

export const createCheckRunner = (host: DockerHost): CheckRunner => ({
  run: (commit, commands, timeoutMs) => runCheck(host, { commit, commands, timeoutMs }),
})

/**
 * Runs the commands on the commit in a container without a network and without anything of an
 * instance, and removes the container afterwards.
 */
async function runCheck(
  { engine: { api, streams, answerLimitMs, address }, run, image, hub, limits }: DockerHost,
  { commit, commands, timeoutMs }: Check,
): Promise<CheckOutcome> {
  const name = `orchestrator-${run}-check-${randomUUID().slice(0, 8)}`
  const options = containerOptions({
    name,
    image,
    labels: { [labelNames.run]: run },
    user: imageUser,
    limits,
    network: null,
    isPipe: false,
    command: [
      'tini',
      '-g',
      '--',
      ...checkCommand(inside.hub, `${inside.workspace}/tree`, commit, commands),
    ],
    mounts: { hub, settings: null, home: null, workspace: null },
  })
  const container = api.getContainer(name)
  const running = streams.getContainer(name)
  const output = createTail(LARGEST_CHECK_OUTPUT)
  let timer: NodeJS.Timeout | undefined
  let isLate = false
  try {
    await api.createContainer(options)
    const stream = await beginning(answerLimitMs, (abortSignal) =>
      running.attach({ stream: true, stdout: true, stderr: true, abortSignal }),
    )
    stream.on('data', (chunk: Buffer) => output.push(chunk))
    await container.start()
    timer = setTimeout(() => {
      isLate = true
      void container.kill().catch(() => undefined)
    }, timeoutMs)
    const [{ StatusCode }] = await beginning(timeoutMs + answerLimitMs, (abortSignal) =>
      Promise.all([
        running.wait({ abortSignal }) as Promise<{ StatusCode: number }>,
        finished(stream, { writable: false }),
      ]),
    )
    const text = output.text().replaceAll('\r\n', '\n')
    return {
      ok: StatusCode === 0,
      output: isLate ? text + lateCheckNote(timeoutMs) : text,
    }
  } catch (error) {
    throw engineFailure(`checking ${commit}`, error, address)
  } finally {
    clearTimeout(timer)
    await container.remove({ force: true, v: true }).catch((error: unknown) => {
      if (!isNotFound(error)) throw engineFailure(`removing the container ${name}`, error, address)
    })
  }
}
