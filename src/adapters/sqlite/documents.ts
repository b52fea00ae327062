import type { State } from '../../core/model/state.ts'

/** One row of the entity table: a part of the state that changes as a whole. */
export interface Document {
  readonly kind:
    | 'run'
    | 'rules'
    | 'instance'
    | 'task'
    | 'merges'
    | 'credential'
    | 'backup'
    | 'ledger'
    | 'news'
  readonly id: string
  /** Keeps the order of maps, which is the order of the plan. */
  readonly position: number
  readonly value: object
}

/** What is there is not what was written. */
export class Unreadable extends Error {}

/** The parts of `after` that are not the very same in `before`, and the keys of those that are gone. */
export function changedDocuments(
  before: State | null,
  after: State,
): { readonly written: Document[]; readonly removed: Pick<Document, 'kind' | 'id'>[] } {
  const written: Document[] = []
  const removed: Pick<Document, 'kind' | 'id'>[] = []
  for (const kind of ['run', 'rules', 'merges', 'ledger', 'news'] as const) {
    if (before?.[kind] !== after[kind])
      written.push({ kind, id: kind, position: 0, value: after[kind] })
  }
  for (const [kind, name] of [
    ['instance', 'instances'],
    ['task', 'tasks'],
    ['credential', 'credentials'],
    ['backup', 'backups'],
  ] as const) {
    const old: ReadonlyMap<string, object> | undefined = before?.[name]
    const now: ReadonlyMap<string, object> = after[name]
    if (old === now) continue
    let position = 0
    for (const [id, value] of now) {
      if (old?.get(id) !== value) written.push({ kind, id, position, value })
      position += 1
    }
    for (const id of old?.keys() ?? []) if (!now.has(id)) removed.push({ kind, id })
  }
  return { written, removed }
}

/** Puts the state together again; null when nothing was ever written. */
export function stateOf(documents: readonly Document[]): State | null {
  if (documents.length === 0) return null
  const single = (kind: Document['kind']): unknown => {
    const found = documents.find((document) => document.kind === kind)
    if (!found) throw new Unreadable(`the ${kind} is missing`)
    return found.value
  }
  const map = (kind: Document['kind']): unknown =>
    new Map(
      documents.filter((document) => document.kind === kind).map(({ id, value }) => [id, value]),
    )
  return {
    run: single('run'),
    rules: single('rules'),
    merges: single('merges'),
    ledger: single('ledger'),
    news: single('news'),
    instances: map('instance'),
    tasks: map('task'),
    credentials: map('credential'),
    backups: map('backup'),
  } as State // only `changedDocuments` writes these rows, and JSON holds everything that a State may hold
}
