import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTmuxTerminals } from '../../src/adapters/tmux/terminals.ts'
import { workerId } from '../../src/core/model/ids.ts'
import { createTmuxStage, echo, patience, type TmuxStage } from './tmux-stage.ts'

const execute = promisify(execFile)
const [one, two, three] = [workerId(1), workerId(2), workerId(3)]

/** A process that has ended may still wait for its parent to notice. */
const hasEnded = async (pid: number): Promise<boolean> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z')
  return /\) Z/.test(stat)
}

describe('the client of tmux that stays', () => {
  let stage: TmuxStage

  beforeEach(async () => {
    stage = await createTmuxStage()
  })

  afterEach(() => stage[Symbol.asyncDispose]())

  it('is one for all commands', async () => {
    for (const each of [one, two, three]) await stage.terminals.ensureOpen(each, echo)
    await stage.terminals.listOpen()
    const [first] = await stage.clients()
    const words = Array.from({ length: 20 }, (_, index) => `word ${index}`)
    await Promise.all(
      [one, two, three].map(async (each) => {
        for (const word of words) {
          await stage.terminals.paste(each, `${word} of ${each}`)
          await stage.terminals.press(each, 'Enter')
        }
      }),
    )
    for (const each of [one, two, three])
      for (const word of words) await stage.shows(each, `got <${word} of ${each}>`)
    expect(await stage.clients()).toEqual([first])
  })

  it.each([
    `it's "quoted" \\ $HOME #{session_name} ~ %end {a} ; b`,
    '-t',
    ';',
    `'`,
    '#(touch /tmp/never)',
    'ü 漢字 🎉',
  ])('types %s as it is', async (text) => {
    await stage.terminals.ensureOpen(one, echo)
    await stage.terminals.paste(one, text)
    await stage.terminals.press(one, 'Enter')
    await stage.shows(one, `got <${text}>`)
  })

  it('is not misled by what a screen shows', async () => {
    const guards = Array.from({ length: 40 }, (_, index) => `%end ${index} ${index} 1`)
    const lines = [...guards, '%error 1 2 1', '%exit', '%session-changed $1 x', '%begin 1 2 1']
    const words = lines.map((line) => `'${line}'`).join(' ')
    await stage.terminals.ensureOpen(one, ['sh', '-c', `printf '%s\\n' ${words}; cat`])
    await stage.shows(one, lines.join('\n'))
    expect(await stage.terminals.listOpen()).toEqual(new Set([one]))
    await expect(stage.terminals.paste(two, 'lost')).rejects.toThrow(
      'worker-2 has no open terminal',
    )
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
    await stage.terminals.ensureOpen(one, echo)
    await expect(stage.terminals.paste(two, 'lost')).rejects.toThrow(
      'worker-2 has no open terminal',
    )
    await expect(stage.terminals.press(two, 'Enter')).rejects.toThrow(
      'worker-2 has no open terminal',
    )
    expect(await stage.terminals.listOpen()).toEqual(new Set([one]))
  })

  it('comes back when it was killed', async () => {
    await stage.terminals.ensureOpen(one, echo)
    await stage.terminals.listOpen()
    const [pid = ''] = (await stage.clients()).map((line) => line.split(' ')[1])
    expect(Number(pid)).toBeGreaterThan(0)
    process.kill(Number(pid), 'SIGKILL')
    await vi.waitFor(async () => expect(await stage.clients()).toEqual([]), patience)
    expect(await stage.terminals.listOpen()).toEqual(new Set([one]))
    await stage.terminals.paste(one, 'again')
    await stage.terminals.press(one, 'Enter')
    await stage.shows(one, 'got <again>')
  })

  it('leaves nothing of a server that is killed before it reads the answer', async () => {
    for (const each of [one, two]) await stage.terminals.ensureOpen(each, echo)
    const pid = await stage.serverPid()
    const logs = JSON.stringify(stage.options.logDirectory)
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
    for (const session of [one, two, 'orchestrator'])
      await stage.tmux('kill-session', '-t', `=${session}`)
    await vi.waitFor(async () => expect(await hasEnded(pid)).toBe(true), patience)
  })

  it('takes its session with it when no terminal is left, and tmux ends', async () => {
    await stage.terminals.ensureOpen(one, echo)
    const pid = await stage.serverPid()
    await stage.terminals.ensureClosed(one)
    await stage.terminals.listOpen()
    await stage.terminals[Symbol.asyncDispose]()
    await vi.waitFor(async () => expect(await hasEnded(pid)).toBe(true), patience)
    await stage.terminals[Symbol.asyncDispose]()
  })

  it('waits no longer than it may for a tmux that hangs, and goes on after that', async () => {
    await stage.terminals.ensureOpen(one, echo)
    const pid = await stage.serverPid()
    const hurried = createTmuxTerminals({
      ...stage.options,
      answerLimitMs: 2_000,
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
    await stage.terminals.ensureOpen(one, echo)
    const module = join(import.meta.dirname, '../../src/adapters/tmux/terminals.ts')
    const script = `
      const { createTmuxTerminals } = await import(${JSON.stringify(module)})
      const terminals = createTmuxTerminals({ socket: 'control', logDirectory: ${JSON.stringify(stage.options.logDirectory)} })
      for (let n = 0; n < 3; n += 1) console.log([...await terminals.listOpen()].join())
      await terminals.ensureClosed('worker-1')
      await terminals.ensureOpen('worker-1', ['cat'])
      console.log([...await terminals.listOpen()].join())`
    const { stdout } = await execute(process.execPath, ['--input-type=module', '--eval', script])
    expect(stdout).toBe('worker-1\n'.repeat(4))
    await vi.waitFor(async () => expect(await stage.clients()).toEqual([]), patience)
  })
})
