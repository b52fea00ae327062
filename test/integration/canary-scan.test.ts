import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { workerImage } from '../support/runtime-stage.ts'
import { type Canary, formsOf, tracesIn, type Trace } from '../support/canary.ts'
import {
  answers,
  databaseRows,
  filesUnder,
  inspections,
  panes,
  processes,
} from '../support/canary-places.ts'
import { git } from './tools-hub.ts'

const canary: Canary = { name: 'canary', secret: `ca/na+ry=${randomBytes(12).toString('hex')}` }
const { secret } = canary
const label = `canary-scan=${randomBytes(6).toString('hex')}`

/** Only ends a hang. */
const patience = { timeout: 60_000, interval: 50 }

let root: string
let created: AsyncDisposableStack
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'canary-'))
  created = new AsyncDisposableStack()
  created.defer(() => rmSync(root, { recursive: true }))
})
afterEach(() => created.disposeAsync())

const find = (traces: AsyncIterable<Trace>) => tracesIn([canary], traces)

async function* trace(text: string): AsyncGenerator<Trace> {
  yield { place: 'a text', bytes: Buffer.from(text) }
}

describe('the search for canaries', () => {
  it.each(formsOf(secret))('finds one that is $form ($text)', async ({ form, text }) => {
    expect(await find(trace(`before${text}after`))).toContain(`canary, ${form}, in a text`)
  })

  it.each(['', 'x', 'xy', 'Bearer '])('finds one in base64 behind %j', async (before) => {
    for (const encoding of ['base64', 'base64url'] as const) {
      const text = Buffer.from(`${before}${secret}\n`).toString(encoding)
      expect(await find(trace(text))).toEqual([expect.stringMatching(/^canary, base64/)])
    }
  })

  it('finds nothing where there is none', async () => {
    const other = `ca/na+ry=${randomBytes(12).toString('hex')}`
    for (const { text } of formsOf(other)) expect(await find(trace(text))).toEqual([])
  })

  it('looks at names, links and contents of files', async () => {
    mkdirSync(join(root, 'deep'))
    const name = encodeURIComponent(secret)
    writeFileSync(join(root, 'deep', name), '')
    symlinkSync(`/${secret}`, join(root, 'link'))
    writeFileSync(join(root, 'leak'), `x${secret}`)
    expect(await find(filesUnder(root))).toEqual([
      `canary, URL-encoded, in the name of ${join(root, 'deep', name)}`,
      `canary, plain, in ${join(root, 'leak')}`,
      `canary, plain, in the link ${join(root, 'link')}`,
    ])
  })

  it('looks at every git object, also at those that nothing refers to and those in packs', async () => {
    const repository = join(root, 'hub.git')
    git(root, 'init', '--quiet', '--bare', repository)
    const empty = git(repository, 'mktree', '--missing')
    const commit = git(repository, 'commit-tree', '-m', `used ${secret}`, empty)
    expect(await find(filesUnder(root))).toEqual([`canary, plain, in the objects of ${repository}`])
    git(repository, 'update-ref', 'refs/heads/main', commit)
    git(repository, 'repack', '-adq')
    expect(await find(filesUnder(root))).toEqual([`canary, plain, in the objects of ${repository}`])
  })

  it('has no trace of a repository that is moved meanwhile', async () => {
    const repository = join(root, 'making', '.git')
    git(root, 'init', '--quiet', '--bare', repository)
    for await (const { place } of filesUnder(root)) {
      if (place === join(repository, 'HEAD')) renameSync(join(root, 'making'), join(root, 'made'))
    }
    expect(readdirSync(root)).toEqual(['made'])
  })

  it('fails for a repository that it cannot read', async () => {
    mkdirSync(join(root, 'broken.git'))
    await expect(find(filesUnder(root))).rejects.toThrow('not a git repository')
  })

  it('looks at every row of a database', async () => {
    const path = join(root, 'state.db')
    const database = new DatabaseSync(path)
    database.exec('CREATE TABLE journal (line TEXT, more BLOB)')
    database
      .prepare('INSERT INTO journal VALUES (?, ?)')
      .run('x'.repeat(10_000), Buffer.from(`{"token":"${secret}"}`))
    database.close()
    expect(await find(databaseRows(path))).toEqual([
      `canary, plain, in the table journal of ${path}`,
    ])
  })

  it('looks at arguments and environments of processes', async () => {
    const start = (args: string[], env: NodeJS.ProcessEnv): void => {
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)', '--', ...args], {
        env,
        stdio: 'ignore',
      })
      created.defer(() => void child.kill('SIGKILL'))
    }
    start([], { TOKEN: secret })
    const found = () => find(processes(`label=${label}`))
    const inEnvironment = 'canary, plain, in the environment of a process'
    await expect.poll(found, patience).toEqual([inEnvironment])
    start([`--token=${secret}`], {})
    await expect.poll(found, patience).toHaveLength(2)
  })

  it('looks at what the engine shows of a container, but not at the processes inside', async () => {
    const command = [
      'run',
      '--detach',
      '--label',
      label,
      '--env',
      `TOKEN=${secret}`,
      '--network',
      'none',
      '--entrypoint',
      'sleep',
    ]
    const id = execFileSync('docker', [...command, workerImage, '600'], { encoding: 'utf8' }).trim()
    created.defer(() => void execFileSync('docker', ['rm', '--force', id]))
    expect(await find(inspections(`label=${label}`))).toEqual(['canary, plain, in docker inspect'])
    expect(await find(processes(`label=${label}`))).toEqual([])
    expect(await find(processes('label=canary-scan=none'))).toEqual([
      'canary, plain, in the environment of a process',
    ])
  })

  it('looks at what panes show and have shown', async () => {
    const socket = `canary-${randomBytes(6).toString('hex')}`
    writeFileSync(join(root, 'leak'), secret)
    const script = `cat '${join(root, 'leak')}'; seq 500; sleep 600`
    execFileSync(
      'tmux',
      ['-L', socket, '-f', '/dev/null', 'new-session', '-d', '-s', 'worker', script],
      {
        env: { ...process.env, TMUX: '' },
      },
    )
    created.defer(() => void execFileSync('tmux', ['-L', socket, 'kill-server']))
    await vi.waitFor(
      async () => expect(await find(panes(socket))).toEqual(['canary, plain, in a pane']),
      { timeout: 110_000 },
    )
  })

  it('looks at headers and bodies of answers, and at streams that do not end', async () => {
    const server = createServer(({ url }, response) => {
      if (url === '/headers') response.setHeader('x-token', secret).end()
      else if (url === '/stream') response.write(`data: ${secret}\n\n`)
      else response.end(url === '/body' ? secret : 'nothing')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    created.defer(() => server.close().closeAllConnections())
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    expect(await find(answers(url, 'token', ['/headers', '/body', '/stream', '/else']))).toEqual(
      ['/body', '/headers', '/stream'].map((path) => `canary, plain, in GET ${path}`),
    )
  })
})
