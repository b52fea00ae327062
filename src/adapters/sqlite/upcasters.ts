import { mergeLines, runToLine, taskLine } from './lines.ts'
import { backupRetries, checksTimeout, instanceRetries, runRetries } from './retries.ts'
import type { StoredDocument } from './stored-document.ts'
import { instanceTerms, rulesToPolicy, syncTerms, taskTerms } from './terms.ts'

/** Leads a document from one version to the next; it may become several, or none. */
export type Upcaster = (document: StoredDocument) => readonly StoredDocument[]

/**
 * Per kind, the steps from version 1 on. A published step never changes. The documents that
 * commit db47837 wrote are the first versions: test/fixtures/state-db47837 holds some.
 */
export const upcasters: Readonly<Record<string, readonly Upcaster[]>> = {
  instance: [instanceRetries, instanceTerms],
  run: [runRetries, syncTerms, runToLine],
  task: [taskTerms, taskLine],
  merges: [mergeLines],
  backup: [backupRetries],
  rules: [checksTimeout, rulesToPolicy],
}

/** The version that this server writes. */
export const versionOf = (kind: string): number => (upcasters[kind]?.length ?? 0) + 1
