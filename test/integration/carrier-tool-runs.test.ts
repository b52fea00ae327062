import type { FastifyInstance } from 'fastify'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { workerId } from '../../src/core/model/ids.ts'
import { LaunchTokens } from '../../src/engine/commands/launch-tokens.ts'
import { WaitingCarriers } from '../../src/hosting/waiting-carriers.ts'
import type { ToolOutcome } from '../../src/ports/workspaces.ts'
import { Stage } from '../scenarios/stage.ts'
import { openSurface } from '../support/surface.ts'
import { CarrierStage } from './carrier-stage.ts'

const one = workerId(1)
const tokens = new LaunchTokens('secret')
const patience = { timeout: 60_000, interval: 5 }

describe('a tool that the server runs through the carrier', () => {
  let stage: Stage
  let app: FastifyInstance
  let port = 0
  let carriers: WaitingCarriers
  let carrier: CarrierStage

  const listen = async (): Promise<void> => {
    carriers = new WaitingCarriers()
    app = openSurface(stage, { carriers }).app
    port = Number(new URL(await app.listen({ host: '127.0.0.1', port })).port)
  }
  /** Waits for the carrier, as the server does not. */
  const run = async (...argv: readonly string[]): Promise<ToolOutcome> => {
    const begun = await vi.waitUntil(() => {
      const ended = carriers.run(one, argv, 60_000)
      return ended === null ? null : { ended }
    }, patience)
    return begun.ended
  }
  const tool = (name: string, ...lines: readonly string[]): void =>
    writeFileSync(join(carrier.tools, name), ['#!/bin/sh', ...lines, ''].join('\n'), {
      mode: 0o755,
    })
  const post = async (path: string, bearer: string, body: object): Promise<number> => {
    const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' }
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      ...{ method: 'POST', headers: { ...headers, 'x-protocol': '2' } },
      body: JSON.stringify(body),
    })
    return answer.status
  }

  beforeEach(async () => {
    stage = await Stage.open({ plan: [] })
    await stage.until(() => stage.dispatcher.state.instances.get(workerId(2))?.launch === 1)
    port = 0
    await listen()
    carrier = await CarrierStage.open(port, tokens.tokenOf(one, 1))
  })

  afterEach(async () => {
    await carrier.close()
    await app.close()
  })

  it('gets its words, its workspace and nothing on stdin, and answers with all that it says', async () => {
    tool('workspace', 'printf "%s|" "$@"; pwd; cat; echo "$ORCHESTRATOR_TOKEN" >&2; exit 3')
    expect(await run('workspace', 'begin', 'a b', "it's")).toEqual({
      exitCode: 3,
      stdout: `begin|a b|it's|${carrier.outbox}\n`,
      stderr: `${tokens.tokenOf(one, 1)}\n`,
    })
  })

  it('is run again and again', async () => {
    tool('workspace', 'echo "$1"')
    for (let turn = 0; turn < 20; turn += 1)
      expect((await run('workspace', String(turn))).stdout).toBe(`${turn}\n`)
  })

  it('says what fails when it cannot be started', async () => {
    expect(await run('workspace')).toMatchObject({
      exitCode: -1,
      stderr: expect.stringContaining('ENOENT') as string,
    })
    expect(await run('work\0space')).toMatchObject({ exitCode: -1 })
    tool('workspace', 'echo here')
    // Nothing outside of the directory of the tools.
    expect((await run('../../bin/workspace')).stdout).toBe('here\n')
  })

  it('may print without end: the beginning is kept', async () => {
    tool('workspace', 'head -c 50000000 /dev/zero; head -c 50000000 /dev/zero >&2')
    const { exitCode, stdout, stderr } = await run('workspace')
    expect([exitCode, stdout.length, stderr.length]).toEqual([0, 262_144, 262_144])
  })

  it('fails when the carrier is killed, and the next one is run by the next carrier', async () => {
    const marker = join(carrier.outbox, 'began')
    tool('workspace', `echo >'${marker}'; sleep 2`)
    const ended = run('workspace').catch(String)
    await vi.waitUntil(() => existsSync(marker), patience)
    await carrier.kill()
    tool('workspace', 'echo back')
    await carrier.start(port)
    expect(await ended).toContain('running workspace: its carrier ended')
    expect((await run('workspace')).stdout).toBe('back\n')
  })

  it('is run for the next server when the server ends', async () => {
    const marker = join(carrier.outbox, 'began')
    tool('workspace', `echo "$1" >>'${marker}'; sleep 1; echo "$1"`)
    void run('workspace', 'first').catch(() => undefined)
    await vi.waitUntil(() => existsSync(marker), patience)
    await app.close()
    await listen()
    expect((await run('workspace', 'second')).stdout).toBe('second\n')
    expect(readFileSync(marker, 'utf8')).toBe('first\nsecond\n')
  })

  it('is answered by its own instance alone', async () => {
    const marker = join(carrier.outbox, 'end')
    tool('workspace', `until [ -e '${marker}' ]; do sleep 0.05; done; echo real`)
    const asked = vi.spyOn(carriers, 'next')
    const ended = run('workspace')
    const id = await vi.waitUntil(() => {
      const [asking] = asked.mock.lastCall ?? []
      return asking?.running[0]
    }, patience)
    const forged = { exitCode: 0, stdout: 'forged', stderr: '' }
    const [other, older] = [tokens.tokenOf(workerId(2), 1), tokens.tokenOf(one, 2)]
    expect(await post(`/tool-runs/${id}`, other, forged)).toBe(404)
    expect(await post(`/tool-runs/${id}`, older, forged)).toBe(409)
    expect(await post(`/tool-runs/${id}`, 'no-token', forged)).toBe(401)
    expect(await post('/tool-runs/next', 'no-token', {})).toBe(401)
    expect(await post(`/tool-runs/${id}`, tokens.tokenOf(one, 1), {})).toBe(400)
    writeFileSync(marker, '')
    expect((await ended).stdout).toBe('real\n')
  })
})
