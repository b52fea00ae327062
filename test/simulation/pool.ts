import { CredentialId } from '../../src/core/model/ids.ts'
import { createFakeVault, type FakeVault } from '../fakes/vault.ts'

/** So many keys, each of which is its own secret. */
export function vaultOf(count: number): FakeVault {
  const keys = Array.from({ length: count }, (_, index) => `key-${index}`)
  return createFakeVault(
    keys.map((key) => ({ id: CredentialId(key), kind: 'api-key', secret: key })),
  )
}
