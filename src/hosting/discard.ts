import { execFile } from 'node:child_process'
import { lstat } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * Deletes what an instance made, and follows no link. Node's own `rm` goes by whole paths and fails
 * below 4,096 bytes of them. Directories may lack the rights that their owner needs to empty them.
 */
export async function discard(path: string): Promise<void> {
  const remove = () => run('rm', ['-rf', '--', path])
  await remove().catch(async () => {
    // As an argument, chmod would follow a link.
    if ((await lstat(path)).isDirectory()) await run('chmod', ['-R', 'u+rwx', '--', path])
    await remove()
  })
}
