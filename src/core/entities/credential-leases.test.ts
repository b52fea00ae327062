import { describe, expect, it } from 'vitest'
import { Run } from '../../../test/support/run.ts'
import { CredentialId } from '../model/ids.ts'

describe('a login with a refresh token', () => {
  it('is held by one instance at a time, however many may share other credentials', () => {
    const run = new Run({ workerCount: 2, instancesPerCredential: 3 }, 1)
    const login = { id: CredentialId('login'), kind: 'login' }
    run.when({ type: 'credentials-changed', credentials: [login], changed: [] })
    expect(run.state.credentials.get(login.id)?.capacity).toBe(1)
  })
})
