import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import http from 'node:http'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** Hooks of one instance in a second. */
const perSecond = 3

const body = JSON.stringify({
  session_id: '0d2b5b8e-6a35-4a94-9f3f-0d9c3d2d1f10',
  hook_event_name: 'Notification',
  message: 'x'.repeat(200),
})

/** Sends hooks for an instance over HTTP, at its pace, until the time is up. */
export async function sendHooks(
  state: string,
  instance: string,
  untilMs: number,
  signal: AbortSignal,
): Promise<void> {
  const path = join(state, 'instances', instance, 'settings/environment')
  const lines = (await readFile(path, 'utf8')).split('\n')
  const variable = (name: string): string =>
    lines.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1) ?? ''
  const agent = new http.Agent({ keepAlive: true })
  // The scripts of an instance count from the time as well.
  let sequence = Date.now()
  try {
    // They do not send all at the same moment.
    await delay((Math.random() * 1_000) / perSecond, undefined, { signal })
    while (performance.now() < untilMs) {
      const due = performance.now() + 1_000 / perSecond
      const headers = {
        authorization: `Bearer ${variable('ORCHESTRATOR_TOKEN')}`,
        'content-type': 'application/json',
        'x-launch': variable('LAUNCH'),
        'x-sequence': String((sequence += 1)),
        'x-protocol': '2',
      }
      const url = `${variable('ORCHESTRATOR_URL')}/hooks/Notification`
      const request = http.request(url, { method: 'POST', headers, agent }).end(body)
      const [response] = (await once(request, 'response')) as [http.IncomingMessage]
      response.resume()
      if (response.statusCode !== 200)
        throw new Error(`a hook of ${instance} was answered with ${response.statusCode}`)
      await delay(Math.max(0, due - performance.now()), undefined, { signal })
    }
  } finally {
    agent.destroy()
  }
}
