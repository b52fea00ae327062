import { backupsOf } from '../../core/model/backup-groups.ts'
import type { State } from '../../core/model/state.ts'
import { tasksOf } from '../../core/model/task-groups.ts'
import { Table, type TableChanges } from '../../lib/table.ts'
import { type Kind, kinds, schemas } from './kinds.ts'
import type { StoredDocument } from './stored-document.ts'
import { Unreadable } from './unreadable.ts'
import { versionOf } from './upcasters.ts'

/** The kinds of which a state holds one, and the property of the state. */
const singles = ['run', 'policy', 'merges', 'ledger', 'news', 'hosts'] as const

export interface Changes {
  readonly written: readonly StoredDocument[]
  readonly removed: readonly Pick<StoredDocument, 'kind' | 'id'>[]
}

/**
 * The documents that lead from `before` to `after`: parts that kept their identity did not change.
 */
export function changedDocuments(before: State | null, after: State): Changes {
  const written: StoredDocument[] = []
  const removed: Pick<StoredDocument, 'kind' | 'id'>[] = []
  const write = (kind: Kind, id: string, position: number, value: unknown): void => {
    written.push({ kind, id, position, value, version: versionOf(kind) })
  }
  for (const kind of singles) {
    if (before?.[kind] !== after[kind]) write(kind, kind, 0, after[kind])
  }
  const writeTable = (kind: Kind, changes: TableChanges<string, { readonly id: string }>): void => {
    for (const { row, position } of changes.written) write(kind, row.id, position, row)
    for (const id of changes.removed) removed.push({ kind, id })
  }
  writeTable('line', after.lines.changesSince(before?.lines ?? null))
  writeTable('instance', after.instances.changesSince(before?.instances ?? null))
  writeTable('task', after.tasks.changesSince(before?.tasks ?? null))
  writeTable('credential', after.credentials.changesSince(before?.credentials ?? null))
  writeTable('backup', after.backups.changesSince(before?.backups ?? null))
  return { written, removed }
}

/** Parses documents of the current versions and builds a state from them; null without any. */
export function stateOf(documents: readonly StoredDocument[]): State | null {
  if (documents.length === 0) return null
  const parsed = documents.map((document) => ({ ...document, value: parse(document) }))
  const single = (kind: Kind): unknown => {
    const found = parsed.find((document) => document.kind === kind)
    if (!found) throw new Unreadable(`the ${kind} is missing`)
    return found.value
  }
  const rows = (kind: Kind) =>
    parsed.filter((document) => document.kind === kind).map(({ value }) => value as never)
  const parts: Readonly<Record<keyof State, unknown>> = {
    run: single('run'),
    policy: single('policy'),
    lines: Table.of(rows('line')),
    instances: Table.of(rows('instance')),
    tasks: tasksOf(rows('task')),
    merges: single('merges'),
    credentials: Table.of(rows('credential')),
    backups: backupsOf(rows('backup')),
    ledger: single('ledger'),
    news: single('news'),
    hosts: single('hosts'),
  }
  return parts as State // every value was parsed by the schema of its kind
}

function parse({ kind, id, value }: StoredDocument): unknown {
  if (!isKind(kind)) throw new Unreadable(`${kind} ${id} is no kind of document`)
  const result = schemas[kind].safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const place = issue?.path.map(String).join('.') ?? ''
  const what = `${place === '' ? 'it' : place}: ${issue?.message ?? 'unreadable'}`
  throw new Unreadable(`the ${kind} ${id} does not have the shape that this server writes: ${what}`)
}

const isKind = (kind: string): kind is Kind => (kinds as readonly string[]).includes(kind)
