import { describe, expect, it } from 'vitest'
import { silentLog } from '../../test/fakes/log.ts'
import { createFakeRepository } from '../../test/fakes/repository.ts'
import { createFakeRuntime } from '../../test/fakes/runtime.ts'
import { createSkippingClock } from '../../test/fakes/skipping-clock.ts'
import { createFakeStore } from '../../test/fakes/store.ts'
import { createFakeTerminals } from '../../test/fakes/terminals.ts'
import { createFakeVault, textOf } from '../../test/fakes/vault.ts'
import { Run } from '../../test/support/run.ts'
import { CredentialId, workerId } from '../core/model/ids.ts'
import type { Instances } from '../ports/instances.ts'
import { createEngine } from './engine.ts'

const worker = workerId(1)
const alice = CredentialId('alice')

describe('the engine', () => {
  it('stores a login that was renewed while no server ran, though it starts only later', async () => {
    const runtime = createFakeRuntime()
    await runtime.files.logins.place(worker, { id: alice, text: textOf('alice-1') })
    const vault = createFakeVault([{ id: alice, kind: 'login', secret: 'alice-1' }])
    // A watched runtime follows the instances that it finds, and reports each login once.
    const watch: Instances['watch'] = (listener) => {
      runtime.renew(worker, textOf('alice-2'))
      return runtime.instances.watch(listener)
    }
    createEngine(
      {
        ...runtime,
        instances: { ...runtime.instances, watch },
        clock: createSkippingClock(),
        store: createFakeStore(),
        repositoryOf: () => createFakeRepository({ files: {} }),
        terminals: createFakeTerminals(),
        vault,
        log: silentLog,
        parseTaskList: () => ({ tasks: [], problems: [] }),
        writeReport: () => Promise.resolve(),
      },
      {
        initial: new Run().state,
        checks: { commands: [], timeoutMs: 60_000 },
        secret: 'test',
        gatewayUrl: () => '',
        onProblem: (what, error) => {
          throw new Error(what, { cause: error })
        },
      },
    )
    expect(vault.loginOf(alice)).toContain('alice-2')
  })
})
