import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { Commit } from '../../src/core/model/ids.ts'
import { operator } from './git-stage.ts'

const identity = {
  GIT_AUTHOR_NAME: 'Someone',
  GIT_AUTHOR_EMAIL: 'someone@example.com',
  GIT_COMMITTER_NAME: 'Someone',
  GIT_COMMITTER_EMAIL: 'someone@example.com',
}

/** Git in a worker's workspace, with `input` on its stdin. */
export function gitWith(
  workspace: string,
  args: readonly string[],
  input: string | Buffer = '',
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const child = execFile(
    'git',
    ['-C', workspace, ...args],
    { env: { ...operator, ...identity }, maxBuffer: 1024 ** 3 },
    (error, stdout) => (error === null ? resolve(stdout.trim()) : reject(error)),
  )
  child.stdin?.on('error', () => undefined).end(input)
  return promise
}

/** A tree of `fan` to the power of `depth` files in `depth` objects, and one small blob. */
export async function treeOfTrees(workspace: string, fan: number, depth: number): Promise<string> {
  const blob = await gitWith(workspace, ['hash-object', '-w', '--stdin'], 'x')
  let [entry, name] = [`100644 blob ${blob}`, 'f']
  for (let level = 0; level < depth; level += 1) {
    const lines = Array.from({ length: fan }, (_, n) => `${entry}\t${name}${n}\n`)
    ;[entry, name] = [`040000 tree ${await gitWith(workspace, ['mktree'], lines.join(''))}`, 'd']
  }
  return entry.slice(-40)
}

/** A file below `depth` directories. The objects are written at once: git would take minutes. */
export async function deepTree(workspace: string, depth: number): Promise<string> {
  let id = await write(workspace, 'blob', Buffer.from('x'))
  for (let level = 0; level <= depth; level += 1) {
    const entry = Buffer.from(`${level === 0 ? '100644' : '40000'} d\0`)
    id = await write(workspace, 'tree', Buffer.concat([entry, Buffer.from(id, 'hex')]))
  }
  return id
}

async function write(workspace: string, type: string, content: Buffer): Promise<string> {
  const object = Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content])
  const id = createHash('sha1').update(object).digest('hex')
  const path = join(workspace, '.git/objects', id.slice(0, 2), id.slice(2))
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, deflateSync(object))
  return id
}

/** Puts the task's branch at a commit of this tree on the present tip. */
export async function commitTree(workspace: string, branch: string, tree: string): Promise<Commit> {
  const commit = await gitWith(workspace, ['commit-tree', tree, '-p', 'HEAD', '-m', 'Work'])
  await gitWith(workspace, ['update-ref', `refs/heads/${branch}`, commit])
  return Commit(commit)
}

/**
 * Puts a branch at a commit of these files, all with one text, on `parent` or on the present tip.
 */
export async function commitFiles(
  workspace: string,
  branch: string,
  names: readonly string[],
  text: string,
  parent = 'HEAD',
): Promise<Commit> {
  const blob = await gitWith(workspace, ['hash-object', '-w', '--stdin'], `${text}\n`)
  const entries = names.map((name) => `100644 blob ${blob}\t${name}\n`).join('')
  const known = await gitWith(workspace, ['ls-tree', 'HEAD'])
  const tree = await gitWith(workspace, ['mktree'], `${known}\n${entries}`)
  const commit = await gitWith(workspace, ['commit-tree', tree, '-p', parent, '-m', text])
  await gitWith(workspace, ['update-ref', `refs/heads/${branch}`, commit])
  return Commit(commit)
}

/** A chain of commits of one tree on the branch, made in one process. */
export async function manyCommits(workspace: string, branch: string, count: number): Promise<void> {
  const child = spawn('git', ['-C', workspace, 'fast-import', '--quiet', '--force'], {
    env: { ...operator },
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  const base = await gitWith(workspace, ['rev-parse', 'HEAD'])
  const head = `commit refs/heads/${branch}\ncommitter S <s@example.com> 1700000000 +0000\ndata 1\nx`
  const lines = Array.from({ length: count }, (_, n) =>
    n === 0 ? `${head}\nfrom ${base}\nM 100644 inline chain\ndata 1\ny\n` : `${head}\n`,
  )
  child.stdin.end(lines.join('\n'))
  await new Promise((resolve) => child.once('exit', resolve))
}

export interface Cost {
  readonly seconds: number
  /** Peak of this process above what it had before, in MiB. */
  readonly serverMiB: number
  /** Peak of the largest git that this process started, in MiB. */
  readonly gitMiB: number
}

/** Runs the job, and prints and returns what it cost. */
export async function measured<Value>(
  what: string,
  job: () => Promise<Value>,
): Promise<{ readonly value: Value; readonly cost: Cost }> {
  const [began, before] = [performance.now(), process.memoryUsage.rss()]
  let [server, git] = [before, 0]
  const timer = setInterval(() => {
    server = Math.max(server, process.memoryUsage.rss())
    git = Math.max(git, ...gitsBelow(process.pid))
  }, 20)
  try {
    const value = await job()
    server = Math.max(server, process.memoryUsage.rss())
    const mebibytes = (bytes: number): number => Math.round(bytes / 1024 ** 2)
    const seconds = Math.round((performance.now() - began) / 100) / 10
    const cost = { seconds, serverMiB: mebibytes(server - before), gitMiB: mebibytes(git) }
    process.stdout.write(`${what}: ${JSON.stringify(cost)}\n`)
    return { value, cost }
  } finally {
    clearInterval(timer)
  }
}

/** Peak memory of each git that runs below a process, in bytes. */
function gitsBelow(root: number): readonly number[] {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? textOf(`/proc/${name}/stat`) : ''
    const parent = /\) \S (\d+)/.exec(stat)?.[1]
    if (parent !== undefined) parents.set(Number(name), Number(parent))
  }
  const isBelow = (pid: number): boolean => {
    const parent = parents.get(pid)
    return parent !== undefined && (parent === root || isBelow(parent))
  }
  return [...parents.keys()]
    .filter(isBelow)
    .map(
      (pid) => Number(/^VmHWM:\s+(\d+) kB/m.exec(textOf(`/proc/${pid}/status`))?.[1] ?? 0) * 1024,
    )
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
