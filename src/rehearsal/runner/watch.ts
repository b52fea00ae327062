import type { EventView } from '../../http/contract/event.ts'
import { follow } from './follow.ts'
import { narrate } from './narrate.ts'
import type { Screen } from './screen.ts'
import type { Server } from './server.ts'
import type { Status } from './status.ts'
import type { Evidence } from './verify.ts'
import { renderProgress, seconds } from './view.ts'

/** How many of the last events are shown below the picture. */
const recentCount = 8

export interface Watched {
  readonly status: Status
  readonly reported: Evidence['reported']
  readonly events: readonly EventView[]
}

/** Shows a run until it is over, and keeps what has to be judged afterwards. */
export async function watch(
  server: Server,
  screen: Screen,
  startedAt: number,
  signal: AbortSignal,
  act: (status: Status) => void = () => undefined,
): Promise<Watched> {
  const recent: string[] = []
  const reported: { task: string; commit: string }[] = []
  const events: EventView[] = []
  const elapsed = () => Date.now() - startedAt

  const onEvent = (event: EventView) => {
    const { type, task, commit, ignored } = event
    events.push(event)
    if (type === 'task-reported' && task !== null && commit !== null && ignored === null)
      reported.push({ task, commit })
    const line = narrate(event)
    if (line === null) return
    const stamped = `${seconds(elapsed()).padStart(8)}  ${line}`
    recent.push(stamped)
    if (!screen.isLive) screen.print(stamped)
  }
  let isAnnounced = false
  const onStatus = (status: Status) => {
    if (!isAnnounced)
      screen.print(
        `Look in while it runs: tmux -L ${status.terminals.socket} attach -t =worker-1` +
          '    (leave with Ctrl-b d)',
      )
    isAnnounced = true
    act(status)
    screen.show(renderProgress(status, recent.slice(-recentCount), elapsed()))
  }

  const ending = new AbortController()
  void server.ended.then((reason) => ending.abort(new Error(reason)))
  const until = AbortSignal.any([signal, ending.signal])
  const status = await follow(server.url, server.token, { onEvent, onStatus }, until)
  return { status, reported, events }
}
