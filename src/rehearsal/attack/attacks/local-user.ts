import { randomUUID } from 'node:crypto'
import { chmod } from 'node:fs/promises'
import type { Attack } from '../stage/attack.ts'
import { operatorRoutes } from '../stage/operator-routes.ts'
import { runAsLocalUser } from '../stage/run-inside.ts'

interface Places {
  readonly url: string
  readonly paths: readonly string[]
  /** Of the machine, as the container of the user sees them. */
  readonly root: string
  readonly state: string
  readonly sockets: readonly string[]
  /** What an answer must not hold. */
  readonly texts: readonly string[]
}

/** As another user of this machine, without a token. */
async function read({ url, paths, root, state, sockets, texts }: Places) {
  const { readdir, readFile } = await import('node:fs/promises')
  const { connect } = await import('node:net')
  const got: string[] = []
  const statuses: Record<string, number> = {}
  for (const path of paths) {
    const answer = await fetch(url + path, { signal: AbortSignal.timeout(5_000) })
    statuses[path] = answer.status
    const body = await answer.text()
    for (const text of texts) if (body.includes(text)) got.push(`${text} in ${path}`)
  }
  const walk = async (path: string): Promise<void> => {
    const entries = await readdir(path, { withFileTypes: true }).catch(() => null)
    if (entries === null) return
    got.push(`the names in ${path}`)
    for (const entry of entries) {
      const found = `${path}/${entry.name}`
      if (entry.isDirectory()) await walk(found)
      else if (entry.isFile() && (await readFile(found).catch(() => null)) !== null) got.push(found)
    }
  }
  await walk(state)
  for (const name of ['operator-token', 'orchestrator.db', 'logs/server.log', 'hub.git/HEAD'])
    if ((await readFile(`${state}/${name}`).catch(() => null)) !== null) got.push(name)
  for (const path of sockets) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(path, () => resolve(true))
      socket.on('error', () => resolve(false))
    })
    if (isOpen) got.push(`a connection to ${path}`)
  }
  return { got, statuses, around: await readdir(root) }
}

export const localUser: Attack = {
  id: 'local-user',
  from: 'a local user',
  tries: 'reads texts and names over HTTP, files of the state, and uses sockets',
  world: 'sealed',
  disarmedBy: [
    {
      file: 'src/http/operator/status.ts',
      find: 'roleOf(reply.request, access) === null ? publicPart(status()) : status(query)',
      replace: 'reply.request === null ? publicPart(status()) : status(query)',
    },
    {
      file: 'src/adapters/system/state-directory.ts',
      find: 'chmodSync(path, 0o700)',
      replace: 'chmodSync(path, 0o755)',
    },
  ],
  async run(stage) {
    const { attacker, setup, url } = stage
    const note = `note of ${randomUUID()}`
    await attacker.tool('report_progress', { note })
    const whole = await stage.status()
    const { terminals, instances, tasks } = whole
    const launch = (await attacker.output('echo "$LAUNCH"')) || '1'
    if (!JSON.stringify(whole).includes(note)) throw new Error('the status does not show the note')
    const routes = (await operatorRoutes()).filter(({ method }) => method === 'GET')
    const credential = instances.flatMap(({ credential: its }) => its ?? [])
    const tmux = `${process.env['TMUX_TMPDIR'] ?? '/tmp'}/tmux-${process.getuid?.() ?? 0}`
    // The rehearsal closes its directory too, which would hide what the server leaves open.
    await chmod(setup.root, 0o755)
    try {
      const { got, statuses, around } = await runAsLocalUser(attacker, read, {
        url,
        paths: routes.map(({ path }) => path),
        root: `/host${setup.root}`,
        state: `/host${setup.state}`,
        sockets: [
          `/host${tmux}/${terminals.socket}`,
          `/host${setup.state}/instances/${attacker.instance}/sockets/${launch}/server.sock`,
        ],
        texts: [note, setup.root, ...tasks.slice(0, 3).map(({ title }) => title), ...credential],
      })
      if (statuses['/status'] !== 200 || !around.includes('state'))
        throw new Error(
          `/status answers ${statuses['/status']}, and around it are ${around.join()}`,
        )
      return got.slice(0, 20)
    } finally {
      await chmod(setup.root, 0o700)
    }
  },
}
