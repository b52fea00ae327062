import { chmod, copyFile, link, mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { hashTools, toolsDirectory } from '../../hosting/tools.ts'
import { SerialQueue } from '../../lib/serial-queue.ts'

export interface Tools {
  /** On the host; containers mount it read-only. */
  readonly directory: string
  /** Identifies the tools and the Node that runs them. */
  readonly build: string
}

/** Its name beside the tools. */
const node = 'node'

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
  const hash = await hashTools()
  hash.update(`node ${process.version} ${process.arch}`)
  return hash.digest('hex').slice(0, 16)
}

/** Under another name until it is whole. */
async function fill(directory: string): Promise<void> {
  const unfinished = `${directory}.unfinished`
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(unfinished, { recursive: true })
  for (const name of await readdir(toolsDirectory)) {
    await copyFile(join(toolsDirectory, name), join(unfinished, name))
    await chmod(join(unfinished, name), mode)
  }
  await linkOrCopy(process.execPath, join(unfinished, node))
  await chmod(unfinished, mode)
  await rm(directory, { recursive: true, force: true })
  await rename(unfinished, directory)
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
