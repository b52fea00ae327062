import { mkdir } from 'node:fs/promises'
import { InstanceId } from '../../core/ids.ts'
import type { Terminals } from '../../ports/terminals.ts'
import { logCommand } from './log.ts'
import { hasNoServer, hasNoSession, tmuxOn } from './tmux.ts'

/** Large enough that Claude Code never wraps a prompt of ours into a paste summary, and the same for everyone who looks on. */
const columns = 200
const rows = 50
const historyLines = 20_000

export function createTmuxTerminals({ socket, logDirectory }: { socket: string; logDirectory: string }): Terminals {
  const tmux = tmuxOn(socket)

  const shown = async (instance: InstanceId): Promise<string | null> => {
    try {
      return (await tmux(['show-options', '-v', '-t', target(instance), '@command'])).trimEnd()
    } catch (error) {
      if (hasNoSession(error)) return null
      throw error
    }
  }

  const open = async (instance: InstanceId, command: readonly string[]): Promise<void> => {
    const wanted = JSON.stringify(command)
    const now = await shown(instance)
    if (now === wanted) return
    if (now !== null) await close(instance)
    await tmux([
      ...['start-server', ';'],
      ...['set-option', '-s', 'set-clipboard', 'off', ';'],
      ...['set-option', '-g', 'history-limit', String(historyLines), ';'],
      ...['set-option', '-g', 'default-terminal', 'screen-256color', ';'],
      // A command of one word alone would be run by a shell.
      ...['new-session', '-d', '-s', instance, '-x', String(columns), '-y', String(rows), '--', 'env', '--', ...command.map(literal), ';'],
      // Whoever attaches with a smaller window must not shrink it. Set globally, tmux 3.3a crashes at the next new-session.
      ...['set-option', '-w', '-t', target(instance), 'window-size', 'manual', ';'],
      ...['set-option', '-t', target(instance), '@command', literal(wanted), ';'],
      ...['pipe-pane', '-t', target(instance), literal(logCommand(logDirectory, instance))],
    ])
  }

  const close = async (instance: InstanceId): Promise<void> => {
    try {
      await tmux(['kill-session', '-t', `=${instance}`])
    } catch (error) {
      if (!hasNoSession(error)) throw error
    }
  }

  return {
    socket,

    async ensureOpen(instance, command) {
      await mkdir(logDirectory, { recursive: true })
      try {
        await open(instance, command)
      } catch (error) {
        if (!hasNoServer(error)) throw error
        await open(instance, command)
      }
    },

    ensureClosed: close,

    async listOpen() {
      try {
        const names = await tmux(['list-sessions', '-f', '#{@command}', '-F', '#{session_name}'])
        return new Set(names.split('\n').filter(Boolean).map(InstanceId))
      } catch (error) {
        if (hasNoServer(error)) return new Set()
        throw error
      }
    },

    async paste(instance, line) {
      const text = line.replaceAll(/\p{Cc}/gu, '')
      if (text === '') return
      const buffer = `prompt-${instance}`
      // -p brackets the paste, -r keeps it as it is, -d forgets it.
      await tmux(['load-buffer', '-b', buffer, '-', ';', 'paste-buffer', '-p', '-r', '-d', '-b', buffer, '-t', target(instance)], text)
    },

    async press(instance, key) {
      await tmux(['send-keys', '-t', target(instance), key])
    },

    async screen(instance) {
      return (await tmux(['capture-pane', '-p', '-t', target(instance)])).replace(/\n$/, '')
    },
  }
}

/** Exactly this session's active pane: without `=` and `:` tmux takes `worker-1` for the beginning of `worker-10`. */
const target = (instance: InstanceId): string => `=${instance}:`

/** tmux takes an argument's last `;` for the end of a command. */
const literal = (argument: string): string => argument.replace(/;$/, '\\;')
