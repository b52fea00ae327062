import type { State } from '../../core/model/state.ts'
import { type Kind, kinds, schemas } from './kinds.ts'
import type { StoredDocument } from './stored-document.ts'
import { Unreadable } from './unreadable.ts'
import { versionOf } from './upcasters.ts'

/** The kinds of which a state holds one, and the property of the state. */
const singles = ['run', 'policy', 'merges', 'ledger', 'news'] as const

/** The kinds of which a state holds a map, and the property of the state. */
const maps = [
  ['line', 'lines'],
  ['instance', 'instances'],
  ['task', 'tasks'],
  ['credential', 'credentials'],
  ['backup', 'backups'],
] as const satisfies readonly (readonly [Kind, keyof State])[]

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
  for (const [kind, name] of maps) {
    const old: ReadonlyMap<string, object> | undefined = before?.[name]
    const now: ReadonlyMap<string, object> = after[name]
    if (old === now) continue
    for (const [position, [id, value]] of [...now].entries()) {
      if (old?.get(id) !== value) write(kind, id, position, value)
    }
    for (const id of old?.keys() ?? []) if (!now.has(id)) removed.push({ kind, id })
  }
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
  const map = (kind: Kind): unknown =>
    new Map(parsed.filter((each) => each.kind === kind).map(({ id, value }) => [id, value]))
  const parts: Readonly<Record<string, unknown>> = Object.fromEntries<unknown>([
    ...singles.map((kind) => [kind, single(kind)] as const),
    ...maps.map(([kind, name]) => [name, map(kind)] as const),
  ])
  return parts as unknown as State // every value was parsed by the schema of its kind
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
