import { randomUUID } from 'node:crypto'
import { finished } from 'node:stream/promises'
import type { RunId } from '../../core/model/ids.ts'
import type { CheckOutcome } from '../../ports/runtime.ts'
import { createTail } from '../../lib/bounded-text.ts'
import { checkScript, LARGEST_CHECK_OUTPUT } from '../../hosting/check-script.ts'
import type { Engine } from './engine.ts'
import { engineFailure, isNotFound } from './failure.ts'
import { labelNames } from './labels.ts'
import { containerOptions, imageUser, inside, type Limits } from './template.ts'

interface Check {
  readonly run: RunId
  readonly image: string
  readonly hub: string
  readonly limits: Limits
  readonly commit: string
  readonly commands: readonly string[]
  readonly timeoutMs: number
}

/** Runs the commands on the commit in a container that has no network and nothing of any instance, and is gone afterwards. */
export async function runCheck({ api, address }: Engine, check: Check): Promise<CheckOutcome> {
  const { run, image, hub, limits, commit, commands, timeoutMs } = check
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
      'sh',
      '-ec',
      checkScript,
      'check',
      inside.hub,
      `${inside.workspace}/tree`,
      commit,
      ...commands,
    ],
    mounts: { hub, settings: null, home: null, workspace: null },
  })
  const container = api.getContainer(name)
  const output = createTail(LARGEST_CHECK_OUTPUT)
  let timer: NodeJS.Timeout | undefined
  let isLate = false
  try {
    await api.createContainer(options)
    const stream = await container.attach({ stream: true, stdout: true, stderr: true })
    stream.on('data', (chunk: Buffer) => output.push(chunk))
    await container.start()
    timer = setTimeout(() => {
      isLate = true
      void container.kill().catch(() => undefined)
    }, timeoutMs)
    const [{ StatusCode }] = await Promise.all([
      container.wait() as Promise<{ StatusCode: number }>,
      finished(stream, { writable: false }),
    ])
    const text = output.text().replaceAll('\r\n', '\n')
    return {
      ok: StatusCode === 0,
      output: isLate ? `${text}\nended after ${timeoutMs / 1000} s: it took too long\n` : text,
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
