import type { StoredDocument } from './stored-document.ts'
import { TooNew } from './unreadable.ts'
import { upcasters, versionOf } from './upcasters.ts'

/** Leads every document to its current version; `isOld` when at least one was older. */
export function upcast(documents: readonly StoredDocument[]): {
  readonly documents: readonly StoredDocument[]
  readonly isOld: boolean
} {
  const current = documents.flatMap(toCurrent)
  const isOld = documents.some(({ kind, version }) => version < versionOf(kind))
  return { documents: current, isOld }
}

function toCurrent(document: StoredDocument): readonly StoredDocument[] {
  const { kind, id, version } = document
  const known = versionOf(kind)
  if (version > known) {
    throw new TooNew(`its ${kind} ${id} has version ${version}, this server knows ${known}`)
  }
  const step = upcasters[kind]?.[version - 1]
  if (step === undefined) return [document]
  // A step that keeps the kind leads to its next version; one that changes the kind says which.
  return step(document).flatMap(toCurrent)
}
