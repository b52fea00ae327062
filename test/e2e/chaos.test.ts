import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Command } from '../support/command.ts'

/** A minute of faults, the end of the run and the judgement. */
const patienceMs = 8 * 60_000

const outcome = z.object({
  ok: z.boolean(),
  seed: z.number(),
  minutes: z.number(),
  workers: z.number(),
  tasks: z.number(),
  faults: z.number(),
  interventions: z.number(),
  violations: z.number(),
  repairs: z.array(
    z.object({ kind: z.string(), count: z.number(), p50Ms: z.number(), p95Ms: z.number() }),
  ),
  merged: z.number(),
  done: z.number(),
  violationList: z.array(z.string()),
  interventionList: z.array(z.string()),
})

const start = (...words: string[]) =>
  Command.start('src/rehearsal/chaos/main.ts', '--json', ...words)

/** Containers and networks of the run that the first lines name, and files. */
function leftovers({ place }: Command, printed: string): readonly string[] {
  const run = /tmux -L orchestrator-(\w+)/.exec(printed)?.[1] ?? 'none'
  const list = (...words: string[]) =>
    execFileSync('docker', [...words, '--filter', `label=claude-code-orchestrator.run=${run}`], {
      encoding: 'utf8',
    })
  const engine = `${list('ps', '--all', '--quiet')}${list('network', 'ls', '--quiet')}`
  return [...engine.split('\n').filter(Boolean), ...readdirSync(place)]
}

/** The second is over long before the first. */
describe.concurrent('chaos', () => {
  it('loses nothing, does nothing twice and needs no human within a minute of faults', {
    timeout: patienceMs,
  }, async () => {
    await using command = await start('--minutes', '1', '--seed', '4', '--workers', '2')
    const [last, printed, code] = await Promise.all([
      command.lastLine(),
      command.stderr,
      command.exit,
    ])
    expect(last, printed).not.toBe('')
    const found = outcome.parse(JSON.parse(last))
    process.stderr.write(`${printed.split('\n').slice(-24).join('\n')}\n`)
    expect([...found.violationList, ...found.interventionList], printed).toEqual([])
    expect(found).toMatchObject({
      ok: true,
      seed: 4,
      minutes: 1,
      workers: 2,
      interventions: 0,
      violations: 0,
      merged: found.tasks - found.done,
    })
    expect(found.faults).toBeGreaterThanOrEqual(5)
    expect(found.tasks).toBeGreaterThanOrEqual(9)
    expect(code).toBe(0)
    expect(leftovers(command, printed)).toEqual([])
  })

  it('ends with 130 and leaves nothing behind when it is interrupted', {
    timeout: patienceMs,
  }, async () => {
    await using command = await start('--minutes', '5', '--seed', '4', '--workers', '1')
    await command.printed('fault 1:')
    command.interrupt()
    expect(await command.exit).toBe(130)
    expect(await command.stdout).toBe('')
    const printed = await command.stderr
    expect(printed).toContain('interrupted by SIGINT')
    expect(leftovers(command, printed)).toEqual([])
  })
})
