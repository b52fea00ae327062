import { describe, expect, it } from 'vitest'
import { one, Run } from '../../../test/support/run.ts'
import { CredentialId } from '../model/ids.ts'

describe('an instance that comes back into service', () => {
  it('keeps the number of its last hook, because its launch is the same', () => {
    const run = new Run({ workerCount: 1, quarantineFailures: 1 })
    const hook = {
      type: 'session-started',
      source: 'startup',
      sequence: 5,
      ...run.from(one),
    } as const
    run.when(hook).when({ type: 'instance-lost', cause: 'killed', ...run.from(one) })
    run
      .when({ type: 'credential-disabled', credential: CredentialId('key-2'), reason: 'by hand' })
      .start()
    expect(run.instance(one)).toMatchObject({ phase: { name: 'absent' }, launch: 1 })
    expect(run.when(hook).ignored).toContain('was received before')
  })
})
