import { execFile } from 'node:child_process'
import { chmod, copyFile, link, mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { filesIn, hashFiles, toolsDirectory } from '../../hosting/tools.ts'
import { SerialQueue } from '../../lib/serial-queue.ts'

export interface Tools {
  /** On the host; containers mount it read-only. */
  readonly directory: string
  /** Identifies the tools and the Node that runs them. */
  readonly build: string
}

const carrierDirectory = resolve(import.meta.dirname, '../../carrier')
const compiler = join(import.meta.dirname, 'compile-carrier.ts')
const execute = promisify(execFile)

/** Their names beside the tools. */
const [carrier, node] = ['carrier', 'node']

/** Every user that a container may have reads and runs them. */
const mode = 0o755

/**
 * The tools of instances with the server's own Node, in a directory below the state directory: the
 * server may itself run in a container, and the engine mounts only what the host has. A directory
 * that has its name is never changed, since running containers have it mounted.
 */
export function createTools(stateDirectory: string) {
  const all = join(stateDirectory, 'tools')
  const queue = new SerialQueue<'tools'>()
  let build: Promise<string> | null = null

  const ensure = async (): Promise<Tools> => {
    build ??= buildNow()
    const tools = { directory: join(all, await build), build: await build }
    if (!(await exists(join(tools.directory, node)))) await fill(tools.directory)
    return tools
  }

  return {
    /** Those of this server, made when they are not there. */
    ready: (): Promise<Tools> => queue.run('tools', ensure),

    /** Removes those of earlier servers, except the builds with which containers were started. */
    removeUnused: (builds: readonly string[]): Promise<void> =>
      queue.run('tools', async () => {
        const kept = [(await ensure()).build, ...builds]
        for (const name of await readdir(all))
          if (!kept.includes(name)) await rm(join(all, name), { recursive: true, force: true })
      }),
  }
}

export type ProvidedTools = ReturnType<typeof createTools>

async function buildNow(): Promise<string> {
  const files = await Promise.all([toolsDirectory, carrierDirectory].map(filesIn))
  const hash = await hashFiles([...files.flat(), compiler])
  hash.update(`node ${process.version} ${process.arch}`)
  return hash.digest('hex').slice(0, 16)
}

/** Under another name until it is whole. */
async function fill(directory: string): Promise<void> {
  const unfinished = `${directory}.unfinished`
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(unfinished, { recursive: true })
  for (const file of await filesIn(toolsDirectory)) {
    await copyFile(file, join(unfinished, basename(file)))
    await chmod(join(unfinished, basename(file)), mode)
  }
  await compileCarrier(join(unfinished, carrier))
  await chmod(unfinished, mode)
  await linkOrCopy(process.execPath, join(unfinished, node))
  await rm(directory, { recursive: true, force: true })
  await rename(unfinished, directory)
}

async function compileCarrier(to: string): Promise<void> {
  const options = ['--disable-warning=ExperimentalWarning']
  await execute(process.execPath, [...options, compiler, carrierDirectory, to])
  for (const file of [to, ...(await filesIn(to))]) await chmod(file, mode)
}

/**
 * A link needs no space. Another file system, or a file of another user, needs a copy, and so does
 * a file with other rights: a link shares them.
 */
async function linkOrCopy(from: string, to: string): Promise<void> {
  const canLink = ((await stat(from)).mode & 0o777) === mode
  const isLinked = canLink && (await link(from, to).then(...settled))
  if (isLinked) return
  await copyFile(from, to)
  await chmod(to, mode)
}

const exists = (path: string): Promise<boolean> => stat(path).then(...settled)

const settled = [() => true, () => false] as const
