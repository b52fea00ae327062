import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTmuxTerminals } from '../../src/adapters/tmux/terminals.ts'
import { workerId } from '../../src/core/model/ids.ts'
import { shellQuote } from '../../src/lib/shell.ts'
import { bytesOf, hidden, terminalEscapes } from '../support/terminal-escapes.ts'

const execute = promisify(execFile)
const worker = workerId(1)
const patience = { timeout: 110_000, interval: 50 }
const project = join(import.meta.dirname, '../..')

/** What the server's own log colours its lines with. */
const escape = '\u001b'
const colours = new RegExp(`${escape}\\[\\d*m`, 'g')

describe('an instance that writes escape sequences to its terminal', () => {
  let directory: string
  let corpus: string

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'escapes-'))
    vi.stubEnv('TMUX_TMPDIR', directory)
    corpus = join(directory, 'corpus')
    const bytes = terminalEscapes.map(([, each]) => bytesOf(`${each}\r\n`))
    await writeFile(
      corpus,
      Buffer.concat([...bytes, Buffer.from('\u001b[!p\u001b[?1049lthe last\r\n')]),
    )
  })

  afterEach(async () => {
    await execute('tmux', ['-L', 'escapes', 'kill-server']).catch(() => undefined)
    vi.unstubAllEnvs()
    await rm(directory, { recursive: true, maxRetries: 10, retryDelay: 50 })
  })

  const open = () => createTmuxTerminals({ socket: 'escapes', logDirectory: directory })

  it('gets none of them into its log', async () => {
    const terminals = open()
    await terminals.ensureOpen(worker, ['sh', '-c', `read go; cat ${shellQuote(corpus)} -`])
    await terminals.press(worker, 'Enter')
    const logged = () => readFile(join(directory, 'worker-1.log'))
    await vi.waitFor(
      async () => expect((await logged()).toString()).toContain('the last'),
      patience,
    )
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await logged())
    expect(text).not.toMatch(hidden)
  })

  it('gets none of them to the terminal of a person who looks on', async () => {
    const seen = join(directory, 'seen')
    const terminals = open()
    await terminals.ensureOpen(worker, ['sh', '-c', `read go; cat ${shellQuote(corpus)} -`])
    const attach = `TERM=xterm-256color tmux -u -L escapes attach -t =worker-1`
    const viewer = execute('script', ['--quiet', '--flush', '--command', attach, seen])
    try {
      await vi.waitFor(
        async () => expect((await readFile(seen)).length).toBeGreaterThan(0),
        patience,
      )
      await terminals.press(worker, 'Enter')
      const shown = () => readFile(seen, 'latin1')
      await vi.waitFor(async () => expect(await shown()).toContain('the last'), patience)
      // The clipboard, notices and what only a passthrough can carry.
      const text = await shown()
      const carried = ['ZXZpbA', `${escape}]52`, `${escape}]777`, `${escape}Ptmux`]
      expect(carried.filter((each) => text.includes(each))).toEqual([])
    } finally {
      await execute('tmux', ['-L', 'escapes', 'kill-server'])
      await viewer.catch(() => undefined)
    }
  })

  it('gets none of them into the log of the server, on a terminal or in its file', async () => {
    const file = join(directory, 'server.log')
    const lines = terminalEscapes.map(([, each]) => bytesOf(each).toString())
    const script = `
      const { createLog } = await import(${JSON.stringify(join(project, 'src/adapters/log/log.ts'))})
      const log = createLog({ level: 'info', redact: (text) => text, file: ${JSON.stringify(file)} })
      for (const text of ${JSON.stringify(lines)})
        log.warn({ reason: text, [text]: 1, err: new Error(text) }, text)`
    const seen = join(directory, 'seen')
    await writeFile(join(directory, 'log.mjs'), script)
    const command = [process.execPath, join(directory, 'log.mjs')].map(shellQuote).join(' ')
    await execute('script', ['--quiet', '--flush', '--command', command, seen])
    const [shown, kept] = [await readFile(seen, 'utf8'), await readFile(file, 'utf8')]
    expect(shown.replaceAll(colours, '').replaceAll('\r\n', '\n')).not.toMatch(hidden)
    expect(kept).not.toMatch(hidden)
    const texts = kept
      .trimEnd()
      .split('\n')
      .map((line) => JSON.stringify(JSON.parse(line)))
    expect(texts.filter((text) => /\\u00[01]|\\[bfr]/.test(text))).toEqual([])
    expect(texts).toHaveLength(lines.length)
  })
})
