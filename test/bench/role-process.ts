import { fork } from 'node:child_process'
import { once } from 'node:events'

/**
 * Starts `entry` as another process, which must send its address first and serve until it is ended.
 */
export async function forkRole(entry: string, role: string, ...more: readonly string[]) {
  const child = fork(entry, [role, ...more], { execArgv: ['--expose-gc'] })
  const [url] = (await once(child, 'message')) as [string]
  return {
    url,
    child,
    async [Symbol.asyncDispose]() {
      child.kill()
      await once(child, 'exit')
    },
  }
}
