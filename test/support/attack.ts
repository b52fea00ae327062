import { readdirSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import { z } from 'zod'
import { Command } from './command.ts'

const outcome = z.object({
  ok: z.boolean(),
  rows: z.array(
    z.object({
      id: z.string(),
      held: z.boolean(),
      got: z.array(z.string()),
      failure: z.string().nullable(),
    }),
  ),
})

/** Runs the command; `left` is what it left in its temporary directory. */
export async function attack(...words: readonly string[]) {
  await using command = await Command.start('src/rehearsal/attack/main.ts', '--json', ...words)
  // Otherwise it alone would keep other users of the machine out.
  await chmod(command.place, 0o755)
  const code = await command.exit
  const { ok, rows } = outcome.parse(JSON.parse(await command.lastLine()))
  return { code, ok, rows, left: readdirSync(command.place) }
}
