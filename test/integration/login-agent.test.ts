import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../src/adapters/system/clock.ts'
import { openVault } from '../../src/adapters/credentials/vault.ts'
import { createDockerRuntime } from '../../src/adapters/docker/runtime.ts'
import { CredentialId } from '../../src/core/model/ids.ts'
import { claimLogin, storeRenewals, takeLoginBack } from '../../src/engine/commands/logins.ts'
import type { LaunchOrder } from '../../src/ports/instances.ts'
import type { Vault } from '../../src/ports/vault.ts'
import {
  anOrder,
  containerOf,
  dockerOptions,
  dockerSubject,
  openRuntimeStage,
  worker1,
  worker2,
  type RuntimeStage,
  type Subject,
} from '../support/runtime-stage.ts'
import { sendLine } from './support/send-line.ts'
import { startStandIn, type StandIn } from './support/stand-in.ts'
import { untilHooks } from './support/until-hooks.ts'

const execute = promisify(execFile)
const hasEngine = spawnSync('docker', ['version']).status === 0
const patience = { timeout: 110_000, interval: 20 }
const alice = CredentialId('alice')
const noVariables = { ANTHROPIC_API_KEY: '', ANTHROPIC_AUTH_TOKEN: '', CLAUDE_CODE_OAUTH_TOKEN: '' }

const loginText = (name: string, hours: number): string =>
  JSON.stringify({
    claudeAiOauth: {
      accessToken: `sk-ant-oat01-${name}`,
      refreshToken: `sk-ant-ort01-${name}`,
      expiresAt: Date.now() + hours * 3_600_000,
      scopes: ['user:inference', 'user:profile'],
      subscriptionType: 'max',
    },
  })

/** As Claude Code does it: another file in its place, from inside, as its own user. */
const renewInside =
  'cat >"$HOME/.claude/.draft" && chmod 600 "$HOME/.claude/.draft" && mv ' +
  '"$HOME/.claude/.draft" "$HOME/.claude/.credentials.json"'

describe.skipIf(!hasEngine && process.env.CI === undefined)(
  'Claude Code with a login that renews itself',
  () => {
    let stage: RuntimeStage
    let subject: Subject
    let standIn: StandIn
    let vault: Vault
    let pool: string
    let file: string
    let keeping: Disposable

    const start = async (changes: Partial<LaunchOrder> = {}): Promise<void> => {
      const instance = changes.instance ?? worker1
      const login = await claimLogin(
        { ...subject.runtime, vault, clock: systemClock },
        alice,
        instance,
      )
      const order = anOrder({
        credential: alice,
        credentialEnvironment: { ...noVariables, ANTHROPIC_BASE_URL: standIn.url },
        login,
        ...changes,
      })
      await subject.runtime.instances.ensureRunning(order)
      await subject.show(instance)
      await vi.waitFor(
        () => expect(subject.runtime.instances.status(instance)).toBe('idle'),
        patience,
      )
    }
    const prompt = async (text: string) => {
      const stops = standIn.hooks.filter(({ event }) => event === 'Stop').length
      await sendLine({ stage, subject, standIn }, text)
      expect(await untilHooks({ subject, standIn }, 'Stop', stops + 1)).toHaveLength(stops + 1)
      return standIn.requests.findLast(({ body }) => body.includes(text))?.credential
    }
    const renew = async (text: string): Promise<void> => {
      const running = execute('docker', [
        'exec',
        '--interactive',
        '--user=1000',
        containerOf(stage, worker1),
        'sh',
        '-c',
        renewInside,
      ])
      running.child.stdin?.end(text)
      await running
    }
    const swapTo = async (environment: Readonly<Record<string, string>>): Promise<void> => {
      const receipts = standIn.hooks.filter(({ event }) => event === 'ConfigChange').length
      await subject.runtime.files.replaceCredential(worker1, {
        ...noVariables,
        ANTHROPIC_BASE_URL: standIn.url,
        ...environment,
      })
      await untilHooks({ subject, standIn }, 'ConfigChange', receipts + 1)
    }
    const inOperatorsFile = () => readFile(file, 'utf8')

    beforeEach(async () => {
      pool = await mkdtemp(join(tmpdir(), 'pool-'))
      file = join(pool, 'alice.json')
      await writeFile(file, loginText('first', 1), { mode: 0o600 })
      ;({ vault } = await openVault({ pattern: '*.json', directory: pool }))
      stage = await openRuntimeStage()
      subject = dockerSubject(stage, { serverUrl: () => standIn.url })
      await subject.runtime.ensureUsable()
      standIn = await startStandIn((await subject.runtime.serverAddress(0)).listenOn ?? '')
      keeping = storeRenewals({ ...subject.runtime, vault }, { onProblem: expect.unreachable })
    })

    afterEach(async () => {
      keeping[Symbol.dispose]()
      await subject.close()
      await standIn.close()
      await rm(pool, { recursive: true })
    })

    it('works with it, and what it renews is in the operator’s file', async () => {
      await start()
      expect(await prompt('first')).toBe('sk-ant-oat01-first')
      await renew(loginText('second', 2))
      await vi.waitFor(
        async () => expect(await inOperatorsFile()).toContain('sk-ant-ort01-second'),
        patience,
      )
      expect((await stat(file)).mode & 0o777).toBe(0o600)
      expect(await readFile(`${file}.previous`, 'utf8')).toContain('sk-ant-ort01-first')
      expect(vault.secrets()).toEqual(
        expect.arrayContaining([
          'sk-ant-ort01-first',
          'sk-ant-oat01-second',
          'sk-ant-ort01-second',
        ]),
      )
      expect(await prompt('second')).toBe('sk-ant-oat01-second')
    })

    it('goes over to an API key and back, and has no login meanwhile', async () => {
      await start()
      await prompt('first')
      await renew(loginText('second', 2))
      await swapTo({ ANTHROPIC_API_KEY: 'sk-ant-api03-one-key-that-was-never-approved' })
      await takeLoginBack({ ...subject.runtime, vault }, worker1)
      expect(await subject.runtime.files.logins.look(worker1)).toBeNull()
      const { stdout } = await execute('docker', [
        'exec',
        containerOf(stage, worker1),
        'ls',
        '-A',
        '/home/worker/.claude',
      ])
      expect(stdout).not.toContain('.credentials.json')
      expect(await prompt('with the key')).toBe('sk-ant-api03-one-key-that-was-never-approved')

      const login = await claimLogin(
        { ...subject.runtime, vault, clock: systemClock },
        alice,
        worker1,
      )
      expect(login?.text).toContain('sk-ant-ort01-second')
      if (login !== null) await subject.runtime.files.logins.place(worker1, login)
      await swapTo({})
      expect(await prompt('with the login')).toBe('sk-ant-oat01-second')
    })

    it('gives back what it renewed while no server looked', async () => {
      await start()
      keeping[Symbol.dispose]()
      await renew(loginText('second', 2))
      const next = createDockerRuntime(dockerOptions(stage, { serverUrl: () => standIn.url }))
      const reopened = await openVault({ pattern: '*.json', directory: pool })
      expect(reopened.vault.loginOf(alice)).toContain('first')
      using _keeping = storeRenewals(
        { ...next, vault: reopened.vault },
        { onProblem: expect.unreachable },
      )
      expect(await next.instances.listRunning()).toHaveLength(1)
      await vi.waitFor(async () => {
        expect(await inOperatorsFile()).toContain('sk-ant-ort01-second')
        // The vault counts it once the file is whole on the disk.
        expect(reopened.vault.loginOf(alice)).toContain('second')
      }, patience)
    })

    it('never has it together with another instance', async () => {
      await start()
      await renew(loginText('second', 2))
      await subject.runtime.instances.ensureStopped(worker1)
      const login = await claimLogin(
        { ...subject.runtime, vault, clock: systemClock },
        alice,
        worker2,
      )
      expect(login?.text).toContain('sk-ant-ort01-second')
      expect(await subject.runtime.files.logins.borrowersOf(alice)).toEqual([])
      expect(await subject.runtime.files.logins.look(worker1)).toBeNull()
    })
  },
)
