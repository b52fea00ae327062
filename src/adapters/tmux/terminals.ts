import { mkdir } from 'node:fs/promises'
import { InstanceId } from '../../core/model/ids.ts'
import type { Terminals } from '../../ports/terminals.ts'
import { logCommand } from './log.ts'
import { ClientEnded, ownSession } from './control-client.ts'
import { TmuxError } from './tmux-error.ts'
import { controlOn, hasNoServer, hasNoSession, hasSession, requireTmux, tmuxOn } from './tmux.ts'

/**
 * Large enough that Claude Code never turns one of our prompts into a paste summary, and the same
 * size for every viewer.
 */
const columns = 200
const rows = 50
const historyLines = 20_000

export function createTmuxTerminals({
  socket,
  logDirectory,
  answerLimitMs,
}: {
  socket: string
  logDirectory: string
  answerLimitMs?: number
}): Terminals & AsyncDisposable {
  const tmux = tmuxOn(socket, answerLimitMs)
  const control = controlOn(socket, answerLimitMs)

  /** What may be repeated. */
  const read = async (args: readonly string[]): Promise<string> => {
    try {
      return await control.run(args)
    } catch (error) {
      if (error instanceof ClientEnded) return await tmux(args)
      throw error
    }
  }

  /** What must not be done twice. `otherwise` does the same without the client that stays. */
  const write = async (args: readonly string[], otherwise = () => tmux(args)): Promise<string> => {
    try {
      return await control.run(args)
    } catch (error) {
      if (!(error instanceof ClientEnded)) throw error
      if (error.mayHaveRun) throw new TmuxError(args, 'lost server', error)
      return await otherwise()
    }
  }

  /** The command that the instance's session shows; null without a session. */
  const shown = (instance: InstanceId): Promise<string | null> =>
    unless(hasNoSession, null, async () =>
      (await read(['show-options', '-v', '-t', target(instance), '@command'])).trimEnd(),
    )

  const open = async (instance: InstanceId, command: readonly string[]): Promise<void> => {
    const wanted = JSON.stringify(command)
    const now = await shown(instance)
    if (now === wanted) return
    if (now !== null) await close(instance)
    await control.changing(() => begin(instance, command, wanted))
  }

  const begin = (instance: InstanceId, command: readonly string[], wanted: string) =>
    tmux([
      ...['start-server', ';'],
      ...['set-option', '-s', 'set-clipboard', 'off', ';'],
      ...['set-option', '-g', '-w', 'allow-passthrough', 'off', ';'],
      ...['set-option', '-g', 'history-limit', String(historyLines), ';'],
      ...['set-option', '-g', 'default-terminal', 'screen-256color', ';'],
      // tmux would run a command of a single word in a shell.
      ...[
        'new-session',
        '-d',
        '-s',
        instance,
        '-x',
        String(columns),
        '-y',
        String(rows - 1),
        '--',
        'env',
        '--',
        ...command.map(literal),
        ';',
      ],
      // A viewer with a smaller window must not shrink it. Set globally, tmux 3.3a crashes at the
      // next new-session.
      ...['set-option', '-w', '-t', target(instance), 'window-size', 'manual', ';'],
      ...['set-option', '-t', target(instance), '@command', literal(wanted), ';'],
      ...['pipe-pane', '-t', target(instance), literal(logCommand(logDirectory, instance)), ';'],
      ...fullSizeSoon(instance),
    ])

  const close = (instance: InstanceId): Promise<unknown> =>
    control.changing(() =>
      unless(hasNoSession, null, () => tmux(['kill-session', '-t', `=${instance}`])),
    )

  const typing = async (instance: InstanceId, work: () => Promise<string>): Promise<string> => {
    try {
      return await work()
    } catch (error) {
      throw hasNoSession(error)
        ? new Error(`${instance} has no open terminal`, { cause: error })
        : error
    }
  }

  return {
    socket,

    ensureUsable: () => requireTmux(tmux),

    async ensureOpen(instance, command) {
      await mkdir(logDirectory, { recursive: true })
      // With its last session the tmux server ends; a call that meets this is repeated and starts a
      // new server.
      await retryOnce(
        (error) => hasNoServer(error) || hasSession(error),
        () => open(instance, command),
      )
    },

    async ensureClosed(instance) {
      await close(instance)
    },

    async listOpen() {
      const names = await unless(hasNoServer, '', () => read(listInstances))
      return new Set(names.split('\n').filter(Boolean).map(InstanceId))
    },

    async paste(instance, line) {
      const text = line.replaceAll(/\p{Cc}/gu, '')
      if (text === '') return
      const buffer = `prompt-${instance}`
      // -p brackets the paste, -r keeps line ends, -d deletes the buffer.
      const load = ['load-buffer', '-b', buffer, '-', ';']
      const paste = ['paste-buffer', '-p', '-r', '-d', '-b', buffer, '-t', target(instance)]
      const rest = [...leaveMode(instance), ...paste]
      await typing(instance, () =>
        write(['set-buffer', '-b', buffer, '--', literal(text), ';', ...rest], () =>
          // Arguments of a process can be seen by every user of the machine.
          tmux([...load, ...rest], text),
        ),
      )
    },

    async press(instance, key) {
      const keys = ['send-keys', '-t', target(instance), key]
      await typing(instance, () => write([...leaveMode(instance), ...keys]))
    },

    async redraw(instance) {
      const shrink = ['resize-window', '-t', target(instance), '-y', String(rows - 1), ';']
      await typing(instance, () => tmux([...shrink, ...fullSizeSoon(instance)]))
    },

    async screen(instance) {
      const capture = ['capture-pane', '-p', '-t', target(instance)]
      return (await typing(instance, () => read(capture))).replace(/\n$/, '')
    },

    async [Symbol.asyncDispose]() {
      await control.end()
      // With the last session tmux ends. Nothing depends on it, so no failure may hide another one.
      const isAny = (): boolean => true
      if ((await unless(isAny, '?', () => tmux(listInstances))) === '')
        await unless(isAny, '', () => tmux(['kill-session', '-t', `=${ownSession}`]))
    },
  }
}

const listInstances = ['list-sessions', '-f', '#{@command}', '-F', '#{session_name}']

/**
 * Exactly this session's active pane: without `=` and `:` tmux matches `worker-1` as a prefix of
 * `worker-10`.
 */
const target = (instance: InstanceId): string => `=${instance}:`

/**
 * An agent redraws only what changed, and everything when its size changes: without a resize, a
 * terminal attached in the middle of a turn would stay incomplete. So a terminal begins one row
 * short, and tmux itself adds the row a second later if the session still exists: an error of a
 * delayed command would be shown over the next session, which then takes no keys.
 */
const fullSizeSoon = (instance: InstanceId): string[] => [
  ...['run-shell', '-b', '-d', '1', '-C'],
  `if-shell -F '##{S:##{?##{==:##{session_name},${instance}},1,}}' "resize-window -t ` +
    `'${target(instance)}' -y ${rows}"`,
]

/**
 * Ends any mode in which a viewer has left the pane, such as scrolling back: keys would go to that
 * mode.
 */
const leaveMode = (instance: InstanceId): string[] => [
  'copy-mode',
  '-q',
  '-t',
  target(instance),
  ';',
]

/** tmux treats an argument's last `;` as the end of a command. */
const literal = (argument: string): string => argument.replace(/;$/, '\\;')

async function unless<T>(
  isExpected: (error: unknown) => boolean,
  otherwise: T,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (isExpected(error)) return otherwise
    throw error
  }
}

async function retryOnce(
  isWorthIt: (error: unknown) => boolean,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!isWorthIt(error)) throw error
    await work()
  }
}
