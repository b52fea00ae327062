import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTmuxTerminals } from '../../src/adapters/tmux/terminals.ts'
import { workerId } from '../../src/core/model/ids.ts'
import { bytesOf, hidden, terminalEscapes } from '../support/terminal-escapes.ts'

const execute = promisify(execFile)
const script = join(import.meta.dirname, '../../src/adapters/tmux/readable-log.pl')
const worker = workerId(1)
const patience = { timeout: 110_000, interval: 50 }

describe('the log of a terminal', () => {
  let directory: string
  let path: string

  /** What the log says of these chunks, without the times. */
  const logOf = async (...chunks: (string | Buffer)[]): Promise<string[]> => {
    const log = spawn('perl', [script, path, '1000'], { stdio: ['pipe', 'inherit', 'inherit'] })
    for (const chunk of chunks) {
      log.stdin.write(chunk)
      await new Promise((resolve) => setImmediate(resolve))
    }
    log.stdin.end()
    await once(log, 'exit')
    const text = await readFile(path, 'utf8')
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => line.replace(/^\d\d:\d\d:\d\d /, ''))
  }

  const logged = async (output: string): Promise<Buffer> => {
    await logOf(bytesOf(output))
    return readFile(path)
  }

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "a log's % #{x} "))
    path = join(directory, 'it.log')
    vi.stubEnv('TMUX_TMPDIR', directory)
  })

  afterEach(async () => {
    vi.unstubAllEnvs()
    await rm(directory, { recursive: true, maxRetries: 10, retryDelay: 50 })
  })

  it('holds what was shown, a line for every place on the screen', async () => {
    expect(
      await logOf(
        '\u001b[2J\u001b[1;1H\u001b[31mred\u001b[0m and plain\u001b[10;5Hbelow\r\nnext\r\n',
      ),
    ).toEqual(['red and plain', 'below', 'next'])
  })

  it('leaves out spinners, ruled lines and what is drawn again', async () => {
    expect(
      await logOf('✻\r·\r✢\r3\r', `${'─'.repeat(100)}\r\n`, 'Baking\r', 'Baking\r', '漢字\r\n'),
    ).toEqual(['Baking', '漢字'])
  })

  it.each([
    ['a title', '\u001b]0;evil title\u0007shown\n'],
    ['the clipboard', '\u001b]52;c;ZXZpbA==\u001b\\shown\n'],
    ['a device string', '\u001bPevil\u001b\\shown\n'],
    ['an eight-bit control', 'sho\u009bwn\n'],
    ['text turned around', 'sh\u202eo\u2066wn\n'],
    ['bells and backspaces', 's\u0007h\u0008own\u007f\n'],
    ['a mode', '\u001b[?2026h\u001b[>4;2mshown\u001b[?25l\n'],
  ])('lets nothing of %s through', async (_, output) => {
    expect(await logOf(output)).toEqual(['shown'])
  })

  it.each(terminalEscapes)('shows a person nothing hidden: %s', async (_, output) => {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await logged(output))
    expect(text).not.toMatch(hidden)
    expect(text).toMatch(/begin[^]*end/)
  })

  it('is the same wherever the output is cut into chunks', async () => {
    const output = Buffer.from(
      '\u001b[31mfirst ü 漢字\u001b[0m\r\n\u001b]52;c;ZXZpbA==\u0007second\u001b[5;1H❯ third\r\n',
    )
    for (let at = 1; at < output.length; at += 1) {
      const lines = await logOf(output.subarray(0, at), output.subarray(at))
      await rm(path)
      expect(lines.join(' ').replaceAll(' ', '')).toBe('firstü漢字second❯third')
    }
  })

  it('keeps the newest output, within its cap and one file more', async () => {
    const lines = Array.from({ length: 400 }, (_, index) => `this is line ${index}\n`)
    expect((await logOf(...lines)).length).toBeLessThan(100)
    const both = `${await readFile(`${path}.1`, 'utf8')}${await readFile(path, 'utf8')}`
    expect(both).toContain('this is line 399\n')
    expect(both.length).toBeLessThan(2 * (1_000 + 65_536))
  })

  it('is written while the terminal is open, and a flood neither fills nor delays it', {
    timeout: 60_000,
  }, async () => {
    const logDirectory = join(directory, 'logs')
    const terminals = createTmuxTerminals({ socket: 'log', logDirectory })
    try {
      await terminals.ensureOpen(worker, [
        'sh',
        '-c',
        'echo before; read go; yes flood | head -n 1000000; echo after; cat',
      ])
      const log = join(logDirectory, 'worker-1.log')
      const says = (line: RegExp) =>
        vi.waitFor(async () => expect(await readFile(log, 'utf8')).toMatch(line), patience)
      await says(/^\d\d:\d\d:\d\d before$/m)
      await terminals.press(worker, 'Enter')
      await says(/^\d\d:\d\d:\d\d after$/m)
      expect((await stat(log)).size).toBeLessThan(100_000)
    } finally {
      await execute('tmux', ['-L', 'log', 'kill-server'])
    }
  })
})
