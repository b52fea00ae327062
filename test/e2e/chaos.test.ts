import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'

const project = join(import.meta.dirname, '../..')

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
  repairs: z.array(z.object({ kind: z.string(), count: z.number(), p50Ms: z.number(), p95Ms: z.number() })),
  merged: z.number(),
  violationList: z.array(z.string()),
  interventionList: z.array(z.string()),
})

let place: string
let child: ChildProcess | undefined
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'e2e-chaos-'))
})
afterEach(async () => {
  if (child?.exitCode === null && child.kill('SIGTERM')) await once(child, 'exit')
  await rm(place, { recursive: true, force: true })
})

function start(...words: string[]) {
  const started = spawn(process.execPath, ['src/rehearsal/chaos/main.ts', '--json', ...words], {
    cwd: project,
    env: { ...process.env, TMPDIR: place },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child = started
  const exit = once(started, 'exit').then(([code]) => code as number | null)
  return { started, exit, stdout: text(started.stdout), stderr: text(started.stderr) }
}

/** Containers and networks of the run that the first lines told of, and files. */
function leftovers(told: string): readonly string[] {
  const run = /tmux -L orchestrator-(\w+)/.exec(told)?.[1] ?? 'none'
  const list = (...words: string[]) =>
    execFileSync('docker', [...words, '--filter', `label=claude-code-orchestrator.run=${run}`], { encoding: 'utf8' })
  const engine = `${list('ps', '--all', '--quiet')}${list('network', 'ls', '--quiet')}`
  return [...engine.split('\n').filter(Boolean), ...readdirSync(place)]
}

describe('chaos', () => {
  it('loses nothing, does nothing twice and needs nobody within a minute of faults', { timeout: patienceMs }, async () => {
    const { exit, stdout, stderr } = start('--minutes', '1', '--seed', '4', '--workers', '2')
    const [code, out, told] = await Promise.all([exit, stdout, stderr])
    const last = out.trimEnd().split('\n').at(-1) ?? ''
    expect(last, told).not.toBe('')
    const found = outcome.parse(JSON.parse(last))
    process.stderr.write(`${told.split('\n').slice(-24).join('\n')}\n`)
    expect([...found.violationList, ...found.interventionList], told).toEqual([])
    expect(found).toMatchObject({ ok: true, seed: 4, minutes: 1, workers: 2, interventions: 0, violations: 0, merged: found.tasks })
    expect(found.faults).toBeGreaterThanOrEqual(5)
    expect(found.tasks).toBeGreaterThanOrEqual(9)
    expect(code).toBe(0)
    expect(leftovers(told)).toEqual([])
  })

  it('ends with 130 and leaves nothing behind when it is interrupted', { timeout: patienceMs }, async () => {
    const { started, exit, stdout, stderr } = start('--minutes', '5', '--seed', '4', '--workers', '1')
    const struck = Promise.withResolvers<void>()
    started.stderr.on('data', (piece: Buffer) => (String(piece).includes('fault 1:') ? struck.resolve() : undefined))
    await Promise.race([struck.promise, exit])
    started.kill('SIGINT')
    expect(await exit).toBe(130)
    expect(await stdout).toBe('')
    const told = await stderr
    expect(told).toContain('interrupted by SIGINT')
    expect(leftovers(told)).toEqual([])
  })
})
