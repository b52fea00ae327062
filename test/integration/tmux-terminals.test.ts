import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTmuxTerminals } from '../../src/adapters/tmux/terminals.ts'
import { workerId } from '../../src/core/model/ids.ts'
import type { Terminals } from '../../src/ports/terminals.ts'

const execute = promisify(execFile)
const worker = workerId(1)
const patience = { timeout: 110_000, interval: 20 }

describe('terminals in tmux', () => {
  let directory: string
  let terminals: Terminals
  const tmux = async (...words: string[]) =>
    (await execute('tmux', ['-L', 'inner', ...words])).stdout.trim()
  const shows = (text: string) =>
    vi.waitFor(async () => expect(await terminals.screen(worker)).toContain(text), patience)
  const sh = (script: string): string[] => ['sh', '-c', `${script}; cat >/dev/null`]

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tmux-'))
    vi.stubEnv('TMUX_TMPDIR', directory)
    terminals = createTmuxTerminals({ socket: 'inner', logDirectory: join(directory, 'logs') })
  })

  afterEach(async () => {
    await execute('tmux', ['-L', 'outer', 'kill-server']).catch(() => undefined)
    await execute('tmux', ['-L', 'inner', 'kill-server']).catch(() => undefined)
    vi.unstubAllEnvs()
    await rm(directory, { recursive: true, maxRetries: 10, retryDelay: 50 })
  })

  it('outlive the server that opened them', async () => {
    const script = `
      const { createTmuxTerminals } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/adapters/tmux/terminals.ts'))})
      const terminals = createTmuxTerminals({ socket: 'inner', logDirectory: ${JSON.stringify(join(directory, 'logs'))} })
      await terminals.ensureOpen('worker-1', ['sh', '-c', 'echo begun; cat >/dev/null'])
      console.log('open')
      setInterval(() => {}, 1000)`
    const server = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(server.stdout, 'data')
    server.kill('SIGKILL')
    await once(server, 'exit')
    await shows('begun')
    await terminals.paste(worker, 'still typed into')
    await shows('still typed into')
  })

  it('make what they show redraw itself, when it is attached and when it is asked for', async () => {
    await terminals.ensureOpen(worker, [
      'sh',
      '-c',
      'trap "stty size" WINCH; stty size; while :; do sleep 0.1; done',
    ])
    await shows('49 200\n50 200')
    await terminals.redraw(worker)
    await shows('49 200\n50 200\n49 200\n50 200')
  })

  it('are opened again after the tmux server was killed, at once', async () => {
    for (let time = 1; time <= 10; time += 1) {
      await terminals.ensureOpen(worker, sh(`echo ${time}. time`))
      await shows(`${time}. time`)
      await tmux('kill-server')
    }
    expect(await terminals.listOpen()).toEqual(new Set())
  })

  it('can be asked for all at once before there is a tmux server', async () => {
    const workers = Array.from({ length: 8 }, (_, index) => workerId(index + 1))
    await Promise.all(
      [...workers, ...workers].map((each) => terminals.ensureOpen(each, sh('echo begun'))),
    )
    expect(await terminals.listOpen()).toEqual(new Set(workers))
  })

  it('keep their size when a viewer has a small window', async () => {
    await terminals.ensureOpen(worker, sh('echo begun'))
    const attach = `TMUX= tmux -L inner attach -t =worker-1`
    await execute('tmux', [
      '-L',
      'outer',
      '-f',
      '/dev/null',
      'new-session',
      '-d',
      '-x',
      '60',
      '-y',
      '15',
      attach,
    ])
    await vi.waitFor(
      async () => expect(await tmux('list-clients', '-F', '#{client_width}')).toBe('60'),
      patience,
    )
    const size = () =>
      tmux('display-message', '-p', '-t', '=worker-1:', '#{window_width}x#{window_height}')
    await vi.waitFor(async () => expect(await size()).toBe('200x50'), patience)
  })

  it('take what is typed while a viewer scrolls back in them', async () => {
    await terminals.ensureOpen(worker, [
      'sh',
      '-c',
      'while read -r line; do echo "got <$line>"; done',
    ])
    for (const line of ['one', 'two']) {
      await tmux('copy-mode', '-t', '=worker-1:')
      await terminals.paste(worker, line)
      await tmux('copy-mode', '-t', '=worker-1:')
      await terminals.press(worker, 'Enter')
      await shows(`got <${line}>`)
    }
  })

  it('take what is typed, though one before them had ended before it had its full size', async () => {
    await terminals.ensureOpen(workerId(2), sh('echo begun'))
    await terminals.ensureOpen(worker, ['false'])
    await vi.waitFor(
      async () => expect(await terminals.listOpen()).toEqual(new Set([workerId(2)])),
      patience,
    )
    // tmux runs delayed commands in the order in which they are due: when this one has run, tmux
    // has looked for the terminal that is gone.
    await tmux('run-shell', '-d', '1', 'true')
    await terminals.ensureOpen(worker, sh('echo begun again'))
    expect(await tmux('list-panes', '-a', '-f', '#{@command}', '-F', '#{pane_in_mode}')).toBe(
      '0\n0',
    )
  })

  it('are a server of our own, also for a server that itself runs in tmux', async () => {
    vi.stubEnv('TMUX', '/tmp/tmux-0/default,1,0')
    vi.stubEnv('TMUX_PANE', '%0')
    await terminals.ensureOpen(worker, sh('echo begun'))
    await shows('begun')
    expect(await tmux('show-options', '-s', '-v', 'set-clipboard')).toBe('off')
  })

  it('give what they show none of the secrets in the server’s environment', async () => {
    vi.stubEnv('ANTHROPIC_API_KEY', 'canary-1')
    vi.stubEnv('ORCHESTRATOR_ANYTHING', 'canary-2')
    await terminals.ensureOpen(worker, sh('env; echo all'))
    await shows('all')
    expect(await terminals.screen(worker)).not.toContain('canary')
    expect(await terminals.screen(worker)).toContain(`TMUX_TMPDIR=${directory}`)
  })

  it('show every character, whatever the locale of the server is', async () => {
    for (const name of ['LANG', 'LC_ALL', 'LC_CTYPE']) vi.stubEnv(name, 'C')
    await terminals.ensureOpen(worker, sh('printf "❯ ü 漢字\\n"'))
    await shows('❯ ü 漢字')
    await terminals.paste(worker, '✻ é')
    await shows('✻ é')
  })

  it('run a command of one word without a shell', async () => {
    await expect(terminals.ensureOpen(worker, ['echo $HOME; cat'])).resolves.toBeUndefined()
    await vi.waitFor(async () => expect(await terminals.listOpen()).toEqual(new Set()), patience)
  })

  it('pass on arguments that mean something to tmux', async () => {
    await terminals.ensureOpen(worker, [
      'sh',
      '-c',
      'printf "<%s>" "$@"; cat >/dev/null',
      'sh',
      'a;',
      ';',
      '#{pid}',
      '-t',
      "it's",
    ])
    await shows("<a;><;><#{pid}><-t><it's>")
  })

  it('say what is missing when tmux is not installed', async () => {
    vi.stubEnv('PATH', directory)
    await expect(terminals.ensureUsable()).rejects.toThrow('tmux is not installed; install it')
    await expect(terminals.ensureOpen(worker, ['true'])).rejects.toThrow(
      'tmux is not installed; install it',
    )
  })

  const calledItself = async (version: string): Promise<void> => {
    await writeFile(join(directory, 'tmux'), `#!/bin/sh\necho ${version}\n`, { mode: 0o755 })
    vi.stubEnv('PATH', `${directory}:${process.env['PATH']}`)
  }

  it.each(['tmux 2.8', 'tmux 3.0a', 'tmux 3.2a'])(
    'say of %s that it is too old',
    async (version) => {
      await calledItself(version)
      await expect(terminals.ensureUsable()).rejects.toThrow(
        `"${version}" is too old: install tmux 3.3 or newer`,
      )
    },
  )

  it.each(['tmux 3.3a', 'tmux next-3.6', 'tmux master', 'tmux openbsd-7.4'])(
    'take %s',
    async (version) => {
      await calledItself(version)
      await expect(terminals.ensureUsable()).resolves.toBeUndefined()
    },
  )

  it('will do here', async () => {
    await expect(terminals.ensureUsable()).resolves.toBeUndefined()
  })
})
