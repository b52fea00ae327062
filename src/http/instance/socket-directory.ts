import { chmod, type FileHandle, open, rm } from 'node:fs/promises'
import type { Server } from 'node:http'
import { join } from 'node:path'

/**
 * Servers that listen on sockets in one directory. The path of a socket may have 107 bytes, and
 * state directories may be deeper: an open descriptor names the directory. It stays open, because
 * the end of a server removes its socket by that name.
 */
export async function listenInDirectory(
  path: string,
  servers: Readonly<Record<string, Server>>,
): Promise<AsyncDisposable> {
  const directory = await open(path)
  const close = async (): Promise<void> => {
    await Promise.all(Object.values(servers).map(end))
    await directory.close()
  }
  try {
    for (const [name, server] of Object.entries(servers))
      await listen(server, directory, path, name)
  } catch (error) {
    await close()
    throw new Error(`opening sockets in ${path} failed`, { cause: error })
  }
  return { [Symbol.asyncDispose]: close }
}

async function listen(
  server: Server,
  directory: FileHandle,
  path: string,
  name: string,
): Promise<void> {
  const socket = join(path, name)
  // Left by a server that was killed.
  await rm(socket, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(`/proc/self/fd/${directory.fd}/${name}`, resolve)
  })
  // The container has another user. No other user of the machine gets into the state directory.
  await chmod(socket, 0o666)
}

async function end(server: Server): Promise<void> {
  server.closeAllConnections()
  if (server.listening) await new Promise((resolve) => server.close(resolve))
}
