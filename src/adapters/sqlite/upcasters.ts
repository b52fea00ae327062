import { lineChecks, policyChecks, taskRounds } from './checks.ts'
import { credentialDisclosures, instanceCredentialTaken } from './disclosures.ts'
import { lineFailures } from './held-syncs.ts'
import { hostsOfRun, hostsUploads } from './hosts.ts'
import { instanceHungTurns, policyBusy } from './hung-turns.ts'
import { mergeLines, runToLine, taskLine } from './lines.ts'
import { unnamedLimits } from './unnamed-limits.ts'
import { backupRetries, checksTimeout, instanceRetries, runRetries } from './retries.ts'
import { mergeApprovals, taskReturns } from './protected.ts'
import { lineVerdict } from './rewrites.ts'
import { approvalRequests } from './approval.ts'
import type { StoredDocument } from './stored-document.ts'
import { instanceTerms, rulesToPolicy, syncTerms, taskTerms } from './terms.ts'

/** Leads a document from one version to the next; it may become several, or none. */
export type Upcaster = (document: StoredDocument) => readonly StoredDocument[]

/**
 * Per kind, the steps from version 1 on. A published step never changes. The documents that
 * commit db47837 wrote are the first versions: test/fixtures/state-db47837 holds some.
 */
export const upcasters: Readonly<Record<string, readonly Upcaster[]>> = {
  instance: [instanceRetries, instanceTerms, instanceHungTurns, instanceCredentialTaken],
  run: [runRetries, syncTerms, runToLine, approvalRequests, hostsOfRun],
  task: [taskTerms, taskLine, taskRounds, taskReturns],
  line: [(document) => lineChecks(document).flatMap(lineVerdict), lineFailures],
  merges: [mergeLines, mergeApprovals],
  backup: [backupRetries],
  credential: [unnamedLimits, credentialDisclosures],
  rules: [checksTimeout, rulesToPolicy],
  hosts: [hostsUploads],
  policy: [(document) => policyChecks(document).flatMap(policyBusy)],
}

/** The version that this server writes. */
export const versionOf = (kind: string): number => (upcasters[kind]?.length ?? 0) + 1
