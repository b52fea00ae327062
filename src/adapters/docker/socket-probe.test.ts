import { expect, it } from 'vitest'
import { RunId } from '../../core/model/ids.ts'
import { RefusedSetting } from '../../ports/refused-setting.ts'
import type { DockerHost } from './host.ts'
import { ensureSocketIsReached } from './socket-probe.ts'
import { createTools } from './tools.ts'

/** An engine that fails when it is asked for a container. */
const failing = (message: string): DockerHost => ({
  engine: {
    api: {
      getContainer: () => ({ remove: async () => undefined }),
      createContainer: async () => {
        throw new Error(message)
      },
    },
  } as never,
  tools: createTools('/nowhere'),
  run: RunId('r'),
  image: 'image',
  hub: '/hub.git',
  limits: { memoryBytes: 1, cpus: 1, pids: 1, diskBytes: 1 },
  isolation: 'default',
  user: { uid: 1000, gid: 1000 },
  certificates: null,
  outward: () => ({}),
})

it('a trial that fails for another reason than the sockets is reported, and passes', async () => {
  const problems: unknown[] = []
  const onProblem = (what: string, error: unknown): void => void problems.push([what, error])
  await ensureSocketIsReached(failing('no space left'), '/sockets', onProblem)
  const what = 'whether containers reach sockets of this machine could not be tried'
  expect(problems).toEqual([[what, expect.objectContaining({ message: 'no space left' })]])
})

it('an engine without the directory is refused', async () => {
  const missing = failing('bind source path does not exist: /sockets')
  const problems: string[] = []
  const trying = ensureSocketIsReached(missing, '/sockets', (what) => problems.push(what))
  await expect(trying).rejects.toBeInstanceOf(RefusedSetting)
  expect(problems).toEqual([])
})
