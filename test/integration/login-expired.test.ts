import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../src/adapters/system/clock.ts'
import { openVault } from '../../src/adapters/credentials/vault.ts'
import { readHook } from '../../src/claude/observe/hooks.ts'
import { CredentialId } from '../../src/core/model/ids.ts'
import { claimLogin, takeLoginBack } from '../../src/engine/commands/logins.ts'
import { type Model, startModel } from '../../src/rehearsal/model/server.ts'
import type { Vault } from '../../src/ports/vault.ts'
import {
  anOrder,
  dockerSubject,
  openRuntimeStage,
  worker1,
  type RuntimeStage,
  type Subject,
} from '../support/runtime-stage.ts'
import { sendLine } from './support/send-line.ts'
import { startStandIn, type StandIn } from './support/stand-in.ts'
import { untilHooks } from './support/until-hooks.ts'

const hasEngine = spawnSync('docker', ['version']).status === 0
const patience = { timeout: 110_000, interval: 50 }
const alice = CredentialId('alice')
const noVariables = { ANTHROPIC_API_KEY: '', ANTHROPIC_AUTH_TOKEN: '', CLAUDE_CODE_OAUTH_TOKEN: '' }
const expired = {
  accessToken: 'sk-ant-oat01-expired',
  refreshToken: 'sk-ant-ort01-expired',
  expiresAt: Date.now() - 3_600_000,
  scopes: ['user:inference', 'user:profile'],
  subscriptionType: 'max',
}

/**
 * No name is resolved inside of the instances here, so where logins are renewed is out of reach.
 */
describe.skipIf(!hasEngine && process.env.CI === undefined)(
  'an expired login that cannot be renewed',
  () => {
    let stage: RuntimeStage
    let subject: Subject
    let standIn: StandIn
    let model: Model
    let vault: Vault
    let pool: string

    beforeEach(async () => {
      pool = await mkdtemp(join(tmpdir(), 'pool-'))
      await writeFile(join(pool, 'alice.json'), JSON.stringify({ claudeAiOauth: expired }), {
        mode: 0o600,
      })
      ;({ vault } = await openVault({ pattern: '*.json', directory: pool }))
      stage = await openRuntimeStage()
      subject = dockerSubject(stage, { serverUrl: () => standIn.url })
      await subject.runtime.ensureUsable()
      const { hostname: host } = new URL((await subject.runtime.serverAddress(0)).url)
      standIn = await startStandIn(host)
      model = await startModel({
        host,
        act: () => ({
          role: 'worker',
          prompt: null,
          complaint: null,
          answer: { blocks: [{ type: 'text', text: 'ok' }] },
        }),
        faultFor: (credential) =>
          credential === expired.accessToken ? { type: 'unauthorized' } : null,
      })
    })

    afterEach(async () => {
      await subject.close()
      await model[Symbol.asyncDispose]()
      await standIn.close()
      await rm(pool, { recursive: true })
    })

    const hooksOf = (event: string) => standIn.hooks.filter((hook) => hook.event === event)
    const prompt = async (text: string, end: string) => {
      const before = hooksOf(end).length
      await sendLine({ stage, subject, standIn }, text)
      return (await untilHooks({ subject, standIn }, end, before + 1)).at(-1)?.body
    }

    it('is tried as it is; its refusal is reported as one, and the instance goes on with another credential', async () => {
      const login = await claimLogin(
        { ...subject.runtime, vault, clock: systemClock },
        alice,
        worker1,
      )
      const variables = { ...noVariables, ANTHROPIC_BASE_URL: model.url }
      await subject.runtime.instances.ensureRunning(
        anOrder({ credential: alice, credentialEnvironment: variables, login }),
      )
      await subject.show(worker1)
      await vi.waitFor(
        () => expect(subject.runtime.instances.status(worker1)).toBe('idle'),
        patience,
      )

      const failure = await prompt('hello', 'StopFailure')
      expect(readHook('StopFailure', failure, Date.now())).toMatchObject({
        type: 'turn-failed',
        modelError: { kind: 'rejected' },
      })
      expect(new Set(model.requests.map(({ credential }) => credential))).toEqual(
        new Set([expired.accessToken]),
      )
      expect(model.requests.length).toBeLessThanOrEqual(5)

      const receipts = hooksOf('ConfigChange').length
      await subject.runtime.files.replaceCredential(worker1, {
        ...variables,
        ANTHROPIC_AUTH_TOKEN: 'another',
      })
      await untilHooks({ subject, standIn }, 'ConfigChange', receipts + 1)
      await takeLoginBack({ ...subject.runtime, vault }, worker1)
      await prompt('go on', 'Stop')
      expect(model.requests.at(-1)).toMatchObject({ credential: 'another', answered: 'message' })
    })
  },
)
