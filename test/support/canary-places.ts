import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Trace } from './canary.ts'

const run = promisify(execFile)
const largest = 1024 * 1024 * 1024

async function output(command: string, args: readonly string[]): Promise<Buffer> {
  const { stdout } = await run(command, args, { encoding: 'buffer', maxBuffer: largest })
  return stdout
}

/**
 * Names, links and contents below a directory, in repositories also what is compressed; what
 * vanishes meanwhile has no trace.
 */
export async function* filesUnder(root: string): AsyncGenerator<Trace> {
  for (const entry of await readdir(root, { withFileTypes: true }).catch(() => [])) {
    const path = join(root, entry.name)
    yield { place: `the name of ${path}`, bytes: Buffer.from(entry.name) }
    if (entry.isSymbolicLink())
      yield { place: `the link ${path}`, bytes: Buffer.from(await readlink(path).catch(() => '')) }
    if (entry.isFile())
      yield { place: path, bytes: await readFile(path).catch(() => Buffer.alloc(0)) }
    if (!entry.isDirectory()) continue
    yield* filesUnder(path)
    if (entry.name.endsWith('.git')) yield* gitObjects(path)
  }
}

/**
 * Everything that a repository holds, reachable or not: contents, messages, names. One that is
 * being made is asked again; one that is removed or moved meanwhile has no trace.
 */
export async function* gitObjects(directory: string): AsyncGenerator<Trace> {
  const git = async (...args: string[]): Promise<Buffer> => {
    for (let tries = 1; existsSync(directory); tries++) {
      try {
        return await output('git', ['-c', 'safe.directory=*', '--git-dir', directory, ...args])
      } catch (error) {
        if (tries === 5) throw error
        await sleep(100)
      }
    }
    return Buffer.alloc(0)
  }
  yield {
    place: `the objects of ${directory}`,
    bytes: await git('cat-file', '--batch-all-objects', '--batch'),
  }
  yield {
    place: `the refs of ${directory}`,
    bytes: await git('for-each-ref', '--format=%(refname)'),
  }
}

/** Every row of every table; no process may have the database open. */
export async function* databaseRows(path: string): AsyncGenerator<Trace> {
  using database = new DatabaseSync(path, { readOnly: true })
  for (const { name } of database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
    .all()) {
    for (const row of database.prepare(`SELECT * FROM "${String(name)}"`).all()) {
      const cells = Object.values(row).map((cell) =>
        cell instanceof Uint8Array ? cell : Buffer.from(String(cell)),
      )
      yield { place: `the table ${String(name)} of ${path}`, bytes: Buffer.concat(cells) }
    }
  }
}

/** What the engine knows of a run's containers. */
export async function* inspections(filter: string): AsyncGenerator<Trace> {
  for (const id of await containers(filter)) {
    yield {
      place: 'docker inspect',
      bytes: await output('docker', ['inspect', id]).catch(() => Buffer.alloc(0)),
    }
  }
}

/**
 * Command line and environment of every process of the machine but those that run inside of these
 * containers.
 */
export async function* processes(filter: string): AsyncGenerator<Trace> {
  const inside = new Set<string>()
  for (const id of await containers(filter)) {
    const pid = await output('docker', ['inspect', '--format', '{{.State.Pid}}', id]).catch(
      () => '0',
    )
    inside.add(await namespaceOf(String(pid).trim()))
  }
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const namespace = await namespaceOf(pid)
    if (namespace !== '' && inside.has(namespace)) continue
    const [argv, environment] = await Promise.all(
      ['cmdline', 'environ'].map((file) =>
        readFile(`/proc/${pid}/${file}`).catch(() => Buffer.alloc(0)),
      ),
    )
    yield { place: 'the arguments of a process', bytes: argv ?? Buffer.alloc(0) }
    yield { place: 'the environment of a process', bytes: environment ?? Buffer.alloc(0) }
  }
}

/** What the panes of a tmux server show and have shown. */
export async function* panes(socket: string): AsyncGenerator<Trace> {
  const tmux = (...args: string[]) =>
    output('tmux', ['-L', socket, ...args]).catch(() => Buffer.alloc(0))
  for (const pane of linesOf(await tmux('list-panes', '-a', '-F', '#{pane_id}'))) {
    yield { place: 'a pane', bytes: await tmux('capture-pane', '-p', '-J', '-S', '-', '-t', pane) }
  }
}

/**
 * What the server answers to a GET, headers and all; a stream is read until it has been silent for
 * a second.
 */
export async function* answers(
  url: string,
  token: string,
  paths: readonly string[],
): AsyncGenerator<Trace> {
  for (const path of paths) {
    const silence = new AbortController()
    const response = await fetch(new URL(path, url), {
      headers: { authorization: `Bearer ${token}`, 'last-event-id': '0' },
      signal: silence.signal,
    })
    const pieces: Uint8Array[] = [Buffer.from(JSON.stringify([...response.headers]))]
    let timer = setTimeout(() => silence.abort(), 1_000)
    try {
      for await (const piece of (response.body ?? []) as AsyncIterable<Uint8Array>) {
        pieces.push(piece)
        clearTimeout(timer)
        timer = setTimeout(() => silence.abort(), 1_000)
      }
    } catch (error) {
      if (!silence.signal.aborted) throw error
    } finally {
      clearTimeout(timer)
    }
    yield { place: `GET ${path}`, bytes: Buffer.concat(pieces) }
  }
}

const containers = async (filter: string) =>
  linesOf(await output('docker', ['ps', '--all', '--quiet', '--filter', filter]))

const namespaceOf = (pid: string): Promise<string> =>
  readlink(`/proc/${pid}/ns/pid`).catch(() => '')

const linesOf = (text: Buffer): readonly string[] =>
  text
    .toString()
    .split('\n')
    .filter((line) => line !== '')
