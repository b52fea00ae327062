import { readdir } from 'node:fs/promises'
import { expect } from 'vitest'
import { z } from 'zod'
import { Command } from './command.ts'

const outcome = z.object({
  ok: z.boolean(),
  tasks: z.array(z.object({ id: z.string(), phase: z.string(), commit: z.string().nullable() })),
  swaps: z.array(
    z.object({
      instance: z.string(),
      from: z.string(),
      to: z.string(),
      reason: z.string(),
      signalMs: z.number().nullable(),
      resumedMs: z.number().nullable(),
      restarted: z.boolean(),
      sameConversation: z.boolean().nullable(),
    }),
  ),
  parkedMs: z.number(),
  findings: z.array(z.object({ promise: z.string(), problem: z.string().nullable() })),
})

/** The rehearsal judges by itself; what it says has to be empty of problems. */
export async function rehearse(scenario: string) {
  const words = [
    '--json',
    '--scenario',
    scenario,
    '--runtime',
    'docker',
    '--workers',
    '2',
    '--tasks',
    '4',
  ]
  await using command = await Command.start('src/rehearsal/main.ts', ...words)
  const [last, printed, code] = await Promise.all([
    command.lastLine(),
    command.stderr,
    command.exit,
  ])
  expect(last, printed).not.toBe('')
  const judged = outcome.parse(JSON.parse(last))
  expect(
    judged.findings.flatMap(({ promise, problem }) =>
      problem === null ? [] : [`${promise}: ${problem}`],
    ),
    printed,
  ).toEqual([])
  expect(code).toBe(0)
  expect(judged.tasks.map(({ phase }) => phase)).toEqual(['merged', 'merged', 'merged', 'merged'])
  expect(await readdir(command.place)).toEqual([])
  return { ...judged, rotations: judged.swaps, printed }
}
