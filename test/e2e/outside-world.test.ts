import { readdir } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Command } from '../support/command.ts'

const outcome = z.object({
  ok: z.boolean(),
  head: z.string(),
  published: z.boolean(),
  originHead: z.string().nullable(),
  tasks: z.array(z.object({ id: z.string(), phase: z.string() })),
  findings: z.array(z.object({ promise: z.string(), problem: z.string().nullable() })),
})

const words = ['--scenario', 'outside-world', '--runtime', 'docker', '--workers', '2']

describe('a run beside which others push, rewrite and fail', () => {
  it('has everything at the origin at its end', async () => {
    await using command = await Command.start(
      'src/rehearsal/main.ts',
      '--json',
      ...words,
      '--tasks',
      '6',
    )
    const [last, printed, code] = await Promise.all([
      command.lastLine(),
      command.stderr,
      command.exit,
    ])
    expect(last, printed).not.toBe('')
    const { findings, head, ...judged } = outcome.parse(JSON.parse(last))
    expect(
      findings.filter(({ problem }) => problem !== null),
      printed,
    ).toEqual([])
    expect(code).toBe(0)
    expect(judged).toMatchObject({ ok: true, published: true, originHead: head })
    expect(judged.tasks.map(({ id }) => id)).toContain('merge-origin')
    expect(await readdir(command.place)).toEqual([])
  })
})
