// A server's runtime and vault in a process of another user, which a test forks. It makes a full
// pass all the time, starts what it is sent, and reports what it sees.
import { statSync, watch } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { LaunchOrder } from '../../src/ports/instances.ts'
import type { RuntimeStage } from './runtime-stage.ts'

/** Of the process: the stage, and the user. */
export interface Given {
  readonly stage: Pick<RuntimeStage, 'directory' | 'hub' | 'run'>
  readonly uid: number
  /** The directory of credential files. */
  readonly pool: string
}

export type Seen =
  | { readonly type: 'ready' }
  /** The code with which the kernel refuses this process a watch; null when it grants one. */
  | { readonly type: 'watch'; readonly refusal: string | null }
  | { readonly type: 'status'; readonly instance: string; readonly status: string | null }
  | { readonly type: 'login'; readonly instance: string; readonly text: string }
  | {
      readonly type: 'credentials'
      readonly names: readonly string[]
      readonly problems: readonly string[]
    }
  | { readonly type: 'failed'; readonly reason: string }

export type Asked = { readonly start: LaunchOrder } | 'watch'

const say = (seen: Seen): void => void process.send?.(seen)

const { stage, uid, pool } = JSON.parse(process.argv[2] ?? '') as Given
// The project may lie where only root can read; it already sees the later user.
process.getuid = () => uid
process.getgid = () => uid
const { createDockerRuntime } = await import('../../src/adapters/docker/runtime.ts')
const { openVault } = await import('../../src/adapters/credentials/vault.ts')
const { dockerOptions } = await import('./runtime-stage.ts')
process.setgroups?.([statSync('/var/run/docker.sock').gid])
process.setgid?.(uid)
process.setuid?.(uid)

const { instances, files } = createDockerRuntime(dockerOptions(stage as RuntimeStage))
instances.watch((notice) => {
  if (notice.type === 'status') say(notice)
})
files.logins.watch((instance, { text }) => say({ type: 'login', instance, text }))
const { vault } = await openVault({ pattern: '*.json', directory: pool })
vault.watch(({ credentials, problems }) =>
  say({
    type: 'credentials',
    names: credentials.map(({ id }) => id),
    problems: [...new Set(problems.map(({ what, remedy }) => `${what}: ${remedy}`))],
  }),
)

process.on('message', (asked: Asked) => {
  if (asked === 'watch') return say({ type: 'watch', refusal: refusal() })
  instances
    .ensureRunning(asked.start)
    .catch((error: unknown) => say({ type: 'failed', reason: String(error) }))
})

function refusal(): string | null {
  try {
    watch(stage.directory).close()
    return null
  } catch (error) {
    return String((error as { readonly code?: unknown }).code)
  }
}

process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))

say({ type: 'ready' })
for (;;) {
  await instances.listRunning()
  await delay(100)
}
