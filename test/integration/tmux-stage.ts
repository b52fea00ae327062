import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, vi } from 'vitest'
import { createTmuxTerminals } from '../../src/adapters/tmux/terminals.ts'
import type { InstanceId } from '../../src/core/model/ids.ts'

const execute = promisify(execFile)
export const patience = { timeout: 110_000, interval: 20 }

/** Says each line that it is given. */
export const echo = ['sh', '-c', 'while IFS= read -r line; do printf "got <%s>\\n" "$line"; done']

export type TmuxStage = Awaited<ReturnType<typeof createTmuxStage>>

/** A tmux of its own, with the socket `control` in a directory of its own. */
export async function createTmuxStage() {
  const directory = await mkdtemp(join(tmpdir(), 'tmux-'))
  vi.stubEnv('TMUX_TMPDIR', directory)
  const options = { socket: 'control', logDirectory: join(directory, 'logs') }
  const terminals = createTmuxTerminals(options)
  const tmux = async (...words: string[]): Promise<string> =>
    (await execute('tmux', ['-L', options.socket, ...words])).stdout.trim()
  return {
    options,
    terminals,
    tmux,
    serverPid: async (): Promise<number> => Number(await tmux('display-message', '-p', '#{pid}')),
    clients: async (): Promise<readonly string[]> => {
      const list = ['list-clients', '-F', '#{client_control_mode} #{client_pid} #{session_name}']
      return (await tmux(...list)).split('\n').filter((line) => line.startsWith('1 '))
    },
    shows: (instance: InstanceId, text: string): Promise<void> =>
      vi.waitFor(async () => expect(await terminals.screen(instance)).toContain(text), patience),
    async [Symbol.asyncDispose]() {
      await tmux('kill-server').catch(() => undefined)
      vi.unstubAllEnvs()
      await rm(directory, { recursive: true, maxRetries: 10, retryDelay: 50 })
    },
  }
}
