import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTmuxTerminals } from '../../src/adapters/tmux/terminals.ts'
import { type InstanceId, workerId } from '../../src/core/model/ids.ts'
import type { Terminals } from '../../src/ports/terminals.ts'

const execute = promisify(execFile)
const patience = { timeout: 110_000, interval: 20 }
const [one, two, three] = [workerId(1), workerId(2), workerId(3)]

/** Says each line that it is given. */
const echo = ['sh', '-c', 'while IFS= read -r line; do printf "got <%s>\\n" "$line"; done']

/** A process that has ended may still wait for its parent to notice. */
const hasEnded = async (pid: number): Promise<boolean> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z')
  return /\) Z/.test(stat)
}

describe('the client of tmux that stays', () => {
  let directory: string
  let terminals: Terminals
  const tmux = async (...words: string[]) =>
    (await execute('tmux', ['-L', 'control', ...words])).stdout.trim()
  const clients = async (): Promise<readonly string[]> => {
    const list = ['list-clients', '-F', '#{client_control_mode} #{client_pid} #{session_name}']
    return (await tmux(...list)).split('\n').filter((line) => line.startsWith('1 '))
  }
  const shows = (instance: InstanceId, text: string) =>
    vi.waitFor(async () => expect(await terminals.screen(instance)).toContain(text), patience)

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tmux-'))
    vi.stubEnv('TMUX_TMPDIR', directory)
    terminals = createTmuxTerminals({ socket: 'control', logDirectory: join(directory, 'logs') })
  })

  afterEach(async () => {
    await tmux('kill-server').catch(() => undefined)
    vi.unstubAllEnvs()
    await rm(directory, { recursive: true, maxRetries: 10, retryDelay: 50 })
  })

  it('is one for all commands', async () => {
    for (const each of [one, two, three]) await terminals.ensureOpen(each, echo)
    await terminals.listOpen()
    const [first] = await clients()
    const words = Array.from({ length: 20 }, (_, index) => `word ${index}`)
    await Promise.all(
      [one, two, three].map(async (each) => {
        for (const word of words) {
          await terminals.paste(each, `${word} of ${each}`)
          await terminals.press(each, 'Enter')
        }
      }),
    )
    for (const each of [one, two, three])
      for (const word of words) await shows(each, `got <${word} of ${each}>`)
    expect(await clients()).toEqual([first])
  })

  it.each([
    `it's "quoted" \\ $HOME #{session_name} ~ %end {a} ; b`,
    '-t',
    ';',
    `'`,
    '#(touch /tmp/never)',
    'ü 漢字 🎉',
  ])('types %s as it is', async (text) => {
    await terminals.ensureOpen(one, echo)
    await terminals.paste(one, text)
    await terminals.press(one, 'Enter')
    await shows(one, `got <${text}>`)
  })

  it('is not misled by what a screen shows', async () => {
    const guards = Array.from({ length: 40 }, (_, index) => `%end ${index} ${index} 1`)
    const lines = [...guards, '%error 1 2 1', '%exit', '%session-changed $1 x', '%begin 1 2 1']
    const words = lines.map((line) => `'${line}'`).join(' ')
    await terminals.ensureOpen(one, ['sh', '-c', `printf '%s\\n' ${words}; cat`])
    await shows(one, lines.join('\n'))
    expect(await terminals.listOpen()).toEqual(new Set([one]))
    await expect(terminals.paste(two, 'lost')).rejects.toThrow('worker-2 has no open terminal')
  })

  it('costs no more than itself when no process can be started', async () => {
    const module = join(import.meta.dirname, '../../src/adapters/tmux/control-client.ts')
    const script = `
      import { ControlClient } from ${JSON.stringify(module)}
      import { openSync } from 'node:fs'
      const client = new ControlClient(['tmux', '-L', 'control'], () => process.env, 5_000)
      for (let n = 0; n < 1_000; n += 1) try { openSync('/dev/null') } catch { break }
      const said = await client.run(['list-sessions']).then(() => 'ran', ({ mayHaveRun }) => mayHaveRun)
      console.log(said)`
    const shell = `ulimit -n 128; exec "$0" --input-type=module --eval "$1"`
    const { stdout } = await execute('sh', ['-c', shell, process.execPath, script])
    expect(stdout).toBe('false\n')
  })

  it('says what tmux refuses, and goes on', async () => {
    await terminals.ensureOpen(one, echo)
    await expect(terminals.paste(two, 'lost')).rejects.toThrow('worker-2 has no open terminal')
    await expect(terminals.press(two, 'Enter')).rejects.toThrow('worker-2 has no open terminal')
    expect(await terminals.listOpen()).toEqual(new Set([one]))
  })

  it('finds another session when its own ends', async () => {
    for (const each of [one, two]) await terminals.ensureOpen(each, echo)
    for (let time = 0; time < 10; time += 1) {
      await terminals.listOpen()
      const own = (await clients())[0]?.endsWith(one) ? one : two
      const other = own === one ? two : one
      const [, open] = await Promise.all([terminals.ensureClosed(own), terminals.listOpen()])
      expect(open).toContain(other)
      await terminals.paste(other, `time ${time}`)
      await terminals.press(other, 'Enter')
      await shows(other, `got <time ${time}>`)
      await terminals.ensureOpen(own, echo)
    }
  })

  it('does not attach while a session begins or ends, which makes tmux crash', async () => {
    const all = [...[one, two, three], ...[workerId(4), workerId(5), workerId(6)]]
    for (let round = 0; round < 8; round += 1) {
      const servers = await Promise.all(
        all.map(async (each, index) => {
          await delay(index * 15)
          await terminals.ensureOpen(each, echo)
          return await tmux('display-message', '-p', '#{pid}')
        }),
      )
      expect(new Set(servers).size).toBe(1)
      expect(await terminals.listOpen()).toEqual(new Set(all))
      for (const each of all) await terminals.ensureClosed(each)
    }
  })

  it('comes back when it was killed', async () => {
    await terminals.ensureOpen(one, echo)
    await terminals.listOpen()
    const [pid = ''] = (await clients()).map((line) => line.split(' ')[1])
    expect(Number(pid)).toBeGreaterThan(0)
    process.kill(Number(pid), 'SIGKILL')
    await vi.waitFor(async () => expect(await clients()).toEqual([]), patience)
    expect(await terminals.listOpen()).toEqual(new Set([one]))
    await terminals.paste(one, 'again')
    await terminals.press(one, 'Enter')
    await shows(one, 'got <again>')
  })

  it('leaves nothing of a server that is killed before it reads the answer', async () => {
    for (const each of [one, two]) await terminals.ensureOpen(each, echo)
    const pid = Number(await tmux('display-message', '-p', '#{pid}'))
    const logs = JSON.stringify(join(directory, 'logs'))
    const module = join(import.meta.dirname, '../../src/adapters/tmux/terminals.ts')
    const script = `
      const { createTmuxTerminals } = await import(${JSON.stringify(module)})
      const terminals = createTmuxTerminals({ socket: 'control', logDirectory: ${logs} })
      await terminals.listOpen()
      process.kill(${pid}, 'SIGSTOP')
      void terminals.screen('worker-1')
      await new Promise(setImmediate)
      process.kill(process.pid, 'SIGKILL')`
    try {
      const run = execute(process.execPath, ['--input-type=module', '--eval', script])
      await expect(run).rejects.toMatchObject({ signal: 'SIGKILL' })
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    for (const each of [one, two]) await terminals.ensureClosed(each)
    await vi.waitFor(async () => expect(await hasEnded(pid)).toBe(true), patience)
  })

  it('waits no longer than it may for a tmux that hangs, and goes on after that', async () => {
    await terminals.ensureOpen(one, echo)
    const pid = Number(await tmux('display-message', '-p', '#{pid}'))
    const hurried = createTmuxTerminals({
      ...{ socket: 'control', logDirectory: join(directory, 'logs'), answerLimitMs: 2_000 },
    })
    expect(await hurried.listOpen()).toEqual(new Set([one]))
    process.kill(pid, 'SIGSTOP')
    try {
      await expect(hurried.ensureClosed(one)).rejects.toThrow('no answer within 2 s')
      await expect(hurried.listOpen()).rejects.toThrow('no answer within 2 s')
      await expect(hurried.press(one, 'Enter')).rejects.toThrow('no answer within 2 s')
      await expect(hurried.ensureClosed(one)).rejects.toThrow('no answer within 2 s')
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    await vi.waitFor(async () => expect(await hurried.listOpen()).toEqual(new Set()), patience)
  })

  it('does not keep its process', async () => {
    await terminals.ensureOpen(one, echo)
    const module = join(import.meta.dirname, '../../src/adapters/tmux/terminals.ts')
    const script = `
      const { createTmuxTerminals } = await import(${JSON.stringify(module)})
      const terminals = createTmuxTerminals({ socket: 'control', logDirectory: ${JSON.stringify(join(directory, 'logs'))} })
      for (let n = 0; n < 3; n += 1) console.log([...await terminals.listOpen()].join())
      await terminals.ensureClosed('worker-1')
      await terminals.ensureOpen('worker-1', ['cat'])
      console.log([...await terminals.listOpen()].join())`
    const { stdout } = await execute(process.execPath, ['--input-type=module', '--eval', script])
    expect(stdout).toBe('worker-1\n'.repeat(4))
    await vi.waitFor(async () => expect(await clients()).toEqual([]), patience)
  })
})
