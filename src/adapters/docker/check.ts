import { randomUUID } from 'node:crypto'
import { finished } from 'node:stream/promises'
import { networkVariables } from '../../claude/launch/network-variables.ts'
import { followChecks, newMarker } from '../../hosting/check-output.ts'
import { checkCommand, lateCheckNote } from '../../hosting/check-script.ts'
import type { CheckOutcome, CheckRunner, CheckWatch } from '../../ports/checks.ts'
import { beginning } from './answer-limit.ts'
import { engineFailure, isNotFound } from './failure.ts'
import type { DockerHost } from './host.ts'
import { labelNames } from './labels.ts'
import { insideNetwork, type Reach, type Reached } from './reach.ts'
import { containerOptions, imageUser, inside, onlyHub } from './template.ts'

interface Check {
  readonly id: string
  readonly commit: string
  readonly commands: readonly string[]
  readonly timeoutMs: number
  readonly watch: CheckWatch | undefined
  readonly reached: Reached | null
}

/** `reach`: null for checks that reach nothing. */
export const createCheckRunner = (host: DockerHost, reach: Reach | null): CheckRunner => ({
  async run(commit, commands, timeoutMs, watch) {
    const id = randomUUID().slice(0, 8)
    await using reached = (await reach?.prepareCheck(id)) ?? null
    return await runCheck(host, { id, commit, commands, timeoutMs, watch, reached })
  },
})

/**
 * Begins what carries connections, when a container has sockets instead of a network. The first
 * command may need it at once, so it waits until something listens, about ten seconds at most.
 */
const withCarrier = (command: readonly string[]): readonly string[] => [
  'env',
  ...Object.entries(networkVariables(insideNetwork)).map(([name, value]) => `${name}=${value}`),
  ...['sh', '-c', carryAndWait, 'carry', inside.tools, inside.sockets],
  ...command,
]

const carryAndWait = `
"$1/run-carrier" checks.mjs "$2" >/dev/null 2>&1 &
shift 2
left=200
while [ "$left" -gt 0 ]; do
  curl --silent --output /dev/null --noproxy '*' --max-time 2 http://127.0.0.1:7700/
  # 7: nothing listens there yet.
  [ "$?" -eq 7 ] || break
  left=$((left - 1))
  sleep 0.05
done
exec "$@"
`

/**
 * Runs the commands on the commit in a container without anything of an instance, and removes the
 * container afterwards.
 */
async function runCheck(
  {
    engine: { api, streams, answerLimitMs, address },
    tools,
    run,
    image,
    hub,
    limits,
    isolation,
    certificates,
    outward,
  }: DockerHost,
  { id, commit, commands, timeoutMs, watch, reached }: Check,
): Promise<CheckOutcome> {
  const name = `orchestrator-${run}-check-${id}`
  const marker = newMarker()
  const sockets = reached?.sockets ?? null
  const tree = `${inside.workspace}/tree`
  const { directory } = await tools.ready()
  const command = checkCommand({ hub: inside.hub, tree, commit, marker, commands })
  const options = containerOptions({
    name,
    image,
    labels: { [labelNames.run]: run },
    user: imageUser,
    limits,
    network: reached?.network ?? null,
    isolation,
    hasOwnDisk: true,
    isPipe: false,
    variables: outward(),
    command: ['tini', '-g', '--', ...(sockets === null ? command : withCarrier(command))],
    mounts: { ...onlyHub(hub), sockets, certificates, tools: directory },
  })
  const container = api.getContainer(name)
  const running = streams.getContainer(name)
  const checks = followChecks(commands, marker, watch)
  let timer: NodeJS.Timeout | undefined
  let isLate = false
  try {
    await api.createContainer(options)
    const stream = await beginning(answerLimitMs, (abortSignal) =>
      running.attach({ stream: true, stdout: true, stderr: true, abortSignal }),
    )
    stream.on('data', (chunk: Buffer) => checks.push(chunk))
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
    return checks.outcome(StatusCode === 0 && !isLate, isLate ? lateCheckNote(timeoutMs) : '')
  } catch (error) {
    throw engineFailure(`checking ${commit}`, error, address)
  } finally {
    clearTimeout(timer)
    await container.remove({ force: true, v: true }).catch((error: unknown) => {
      if (!isNotFound(error)) throw engineFailure(`removing the container ${name}`, error, address)
    })
  }
}
