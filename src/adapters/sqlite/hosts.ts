import type { StoredDocument } from './stored-document.ts'

/** Run 5 to 6: what instances without a network reach is kept beside the run. */
export function hostsOfRun(document: StoredDocument): readonly StoredDocument[] {
  return [
    { ...document, version: 6 },
    { kind: 'hosts', id: 'hosts', position: 0, version: 1, value: { allowed: [], refused: [] } },
  ]
}

/** Hosts 1 to 2: large uploads are noticed. */
export function hostsUploads(document: StoredDocument): readonly StoredDocument[] {
  return [{ ...document, version: 2, value: { ...(document.value as object), uploads: [] } }]
}
