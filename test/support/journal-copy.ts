import { copyFile, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'

const json = z.string().transform((text): unknown => JSON.parse(text))

/** A line of the server's journal as the database holds it, as far as tests read it. */
const journalLine = z.object({
  sequence: z.number(),
  event: json.pipe(
    z.looseObject({
      type: z.string(),
      at: z.number(),
      instance: z.string().optional(),
      task: z.string().optional(),
      cause: z.string().optional(),
      launch: z.number().optional(),
      modelError: z.looseObject({ kind: z.string() }).optional(),
    }),
  ),
  commands: json.pipe(
    z.array(
      z.looseObject({
        type: z.string(),
        instance: z.string().optional(),
        launch: z.number().optional(),
      }),
    ),
  ),
  ignored: z.string().nullable(),
})

export type JournalLine = z.infer<typeof journalLine>

/**
 * The clock of a file's times is this coarse at most; a file that changed so lately may change
 * again unseen.
 */
const settledMs = 20

/**
 * Reads the journal of a server that runs. The server holds its database exclusively, so what is
 * read is a copy. A copy is whole when the database file did not change meanwhile: then no
 * checkpoint ran, the write-ahead log only grew, and SQLite ignores a last frame that is
 * incomplete.
 */
export class JournalCopy implements AsyncDisposable {
  readonly #state: string
  #copies: Promise<string> | null = null
  #read = ''

  constructor(state: string) {
    this.#state = state
  }

  /**
   * The lines after `sequence`, oldest first; none when nothing changed, and when no whole copy
   * could be made.
   */
  async linesAfter(sequence: number): Promise<readonly JournalLine[]> {
    const now = await this.#fingerprint()
    if (now === null || now.all === this.#read) return []
    this.#copies ??= mkdtemp(join(tmpdir(), 'journal-'))
    const copy = join(await this.#copies, 'orchestrator.db')
    for (const ending of ['-wal', '-shm']) await rm(`${copy}${ending}`, { force: true })
    await copyFile(this.#path, copy)
    const hasLog = await copyFile(`${this.#path}-wal`, `${copy}-wal`).then(
      () => true,
      () => false,
    )
    const then = await this.#fingerprint()
    if (then?.database !== now.database || hasLog !== now.hasLog) return []
    using database = new DatabaseSync(copy)
    const rows = database
      .prepare(
        `SELECT sequence, event, commands, ignored FROM journal
         WHERE sequence > ? ORDER BY sequence`,
      )
      .all(sequence)
    // A log that changed just now may have changed again with the same size and time.
    this.#read = now.isSettled ? now.all : ''
    return z.array(journalLine).parse(rows)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#copies !== null) await rm(await this.#copies, { recursive: true })
  }

  get #path(): string {
    return join(this.#state, 'orchestrator.db')
  }

  /** Null when there is no database, or when it changed just now. */
  async #fingerprint() {
    const of = (path: string) => stat(path).catch(() => null)
    const [database, log] = await Promise.all([of(this.#path), of(`${this.#path}-wal`)])
    if (database === null || Date.now() - database.mtimeMs < settledMs) return null
    const ofDatabase = `${database.ino} ${database.size} ${database.mtimeMs}`
    return {
      database: ofDatabase,
      hasLog: log !== null,
      isSettled: log === null || Date.now() - log.mtimeMs >= settledMs,
      all: `${ofDatabase} ${log?.size ?? 0} ${log?.mtimeMs ?? 0}`,
    }
  }
}
