import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'

/**
 * Read from files, git, the engine and tmux: never from the server's own answers, and without its
 * code.
 */
export interface Evidence {
  readonly journal: readonly Row[]
  readonly tasks: readonly Task[]
  readonly instances: readonly Instance[]
  readonly credentials: readonly Credential[]
  readonly run: { readonly phase: { readonly name: string } }
  /** What SQLite says of the file. */
  readonly integrity: string
}

const json = z.string().transform((text): unknown => JSON.parse(text))

const event = z.looseObject({
  type: z.string(),
  at: z.number(),
  instance: z.string().optional(),
  launch: z.number().optional(),
  sequence: z.number().optional(),
  task: z.string().optional(),
  commit: z.string().nullish(),
  merge: z.string().optional(),
  head: z.string().optional(),
})

const command = z.looseObject({
  type: z.string(),
  instance: z.string().optional(),
  launch: z.number().optional(),
})

const row = z.object({
  sequence: z.number(),
  event: json.pipe(event),
  commands: json.pipe(z.array(command)),
  ignored: z.string().nullable(),
})

const attempt = z.object({
  instance: z.string(),
  launch: z.number(),
  startedAt: z.number(),
  endedAt: z.number().nullable(),
  outcome: z.string(),
})

const task = z.object({
  id: z.string(),
  dependsOn: z.array(z.string()),
  phase: z.looseObject({ name: z.string() }),
  attempts: z.array(attempt),
})

const instance = z.object({
  id: z.string(),
  launch: z.number(),
  phase: z.looseObject({ name: z.string() }),
})
const credential = z.object({ id: z.string(), phase: z.looseObject({ name: z.string() }) })
const run = z.object({ phase: z.looseObject({ name: z.string() }) })

export type Row = z.infer<typeof row>
export type Task = z.infer<typeof task>
export type Instance = z.infer<typeof instance>
export type Credential = z.infer<typeof credential>

/** Copies the database of a server that does not run, as a crash left it, and reads the copy. */
export async function readEvidence(state: string, copy: string): Promise<Evidence> {
  await mkdir(copy, { recursive: true })
  for (const name of ['orchestrator.db', 'orchestrator.db-wal']) {
    await copyFile(join(state, name), join(copy, name)).catch((error: unknown) => {
      if (name.endsWith('.db')) throw error
    })
  }
  using database = new DatabaseSync(join(copy, 'orchestrator.db'))
  const documents = database
    .prepare('SELECT kind, id, value FROM entity ORDER BY kind, position')
    .all()
  const of = (kind: string): readonly unknown[] =>
    documents.filter((each) => each['kind'] === kind).map(({ value }) => json.parse(value))
  return {
    journal: z
      .array(row)
      .parse(
        database
          .prepare('SELECT sequence, event, commands, ignored FROM journal ORDER BY sequence')
          .all(),
      ),
    tasks: z.array(task).parse(of('task')),
    instances: z.array(instance).parse(of('instance')),
    credentials: z.array(credential).parse(of('credential')),
    run: run.parse(of('run')[0]),
    integrity: String(database.prepare('PRAGMA integrity_check').get()?.['integrity_check']),
  }
}

/** The rows that changed something. */
export const effective = ({ journal }: Pick<Evidence, 'journal'>): readonly Row[] =>
  journal.filter(({ ignored }) => ignored === null)
