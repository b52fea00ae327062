import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { rawRequest } from './raw-request.ts'
import type { Stage } from './stage.ts'

/** Text, and where a person or another program reads it. */
export interface Shown {
  readonly place: string
  readonly text: string
}

/** All that the server answers with a reader's rights, and what its logs hold. */
export async function shownBy({ url, token, setup }: Stage): Promise<readonly Shown[]> {
  const { host } = new URL(url)
  const headers = { host, authorization: `Bearer ${token}`, 'last-event-id': '0' }
  const paths = ['/status', '/api/v1/events', '/api/v1/credentials', '/metrics', '/health']
  const answers = await Promise.all(
    paths.map(async (path) => {
      const { status, body } = await rawRequest(url, { method: 'GET', path, headers })
      if (status !== 200) throw new Error(`${path} answers ${status}`)
      return { place: path, text: body }
    }),
  )
  const logs = [setup.serverLog, join(setup.state, 'logs/server.log')]
  const files = await Promise.all(
    logs.map(async (path) => ({ place: path, text: await readFile(path, 'utf8') })),
  )
  return [...answers, ...files]
}

/** The files of the database as they are now, backups included. */
export async function databaseFiles({ setup }: Stage): Promise<readonly Shown[]> {
  const names = (await readdir(setup.state, { recursive: true })).filter((name) =>
    /^(?:backups\/)?orchestrator[^/]*\.db(?:-wal)?$/.test(name),
  )
  if (names.length === 0) throw new Error('there is no database')
  return Promise.all(
    names.map(async (name) => ({
      place: name,
      text: await readFile(join(setup.state, name), 'latin1'),
    })),
  )
}
