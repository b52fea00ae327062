import { existsSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { CredentialId } from '../../src/core/model/ids.ts'
import { textOf } from '../fakes/vault.ts'
import { cli } from '../support/cli.ts'
import {
  anOrder,
  openRuntimeStage,
  processSubject,
  worker1,
  type RuntimeStage,
  type Subject,
} from '../support/runtime-stage.ts'
import { sendLine } from './support/send-line.ts'
import { startStandIn, type StandIn } from './support/stand-in.ts'

const patience = { timeout: 110_000, interval: 20 }
const alice = CredentialId('alice')
const noVariables = { ANTHROPIC_API_KEY: '', ANTHROPIC_AUTH_TOKEN: '', CLAUDE_CODE_OAUTH_TOKEN: '' }

describe.skipIf(!existsSync(cli) && process.env.CI === undefined)(
  'Claude Code as a process with a login',
  () => {
    let stage: RuntimeStage
    let subject: Subject
    let standIn: StandIn

    beforeEach(async () => {
      stage = await openRuntimeStage()
      standIn = await startStandIn('127.0.0.1')
      subject = processSubject(stage, cli, { serverUrl: () => standIn.url })
      await subject.runtime.ensureUsable()
    })
    afterEach(async () => {
      await subject.close()
      await standIn.close()
    })

    it('looks at it at every request', async () => {
      const credentialEnvironment = { ...noVariables, ANTHROPIC_BASE_URL: standIn.url }
      const login = { id: alice, text: textOf('one') }
      await subject.runtime.instances.ensureRunning(
        anOrder({ credential: alice, credentialEnvironment, login }),
      )
      await subject.show(worker1)
      await vi.waitFor(
        () => expect(subject.runtime.instances.status(worker1)).toBe('idle'),
        patience,
      )
      const prompt = (text: string): Promise<void> => sendLine({ stage, subject, standIn }, text)
      const credentialOf = (text: string) =>
        standIn.requests.findLast(({ body }) => body.includes(text))?.credential
      await prompt('hello')
      await vi.waitFor(() => expect(credentialOf('hello')).toBe('one-access'), patience)
      await vi.waitFor(
        () => expect(subject.runtime.instances.status(worker1)).toBe('idle'),
        patience,
      )
      await subject.runtime.files.logins.place(worker1, { id: alice, text: textOf('two') })
      await prompt('again')
      await vi.waitFor(() => expect(credentialOf('again')).toBe('two-access'), patience)
    })
  },
)
