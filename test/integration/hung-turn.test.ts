import { existsSync } from 'node:fs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../src/adapters/system/clock.ts'
import { interruptTurn, probeInstance } from '../../src/engine/commands/probe-instance.ts'
import { resultsIn } from '../../src/rehearsal/model/wire.ts'
import { cli } from '../support/cli.ts'
import { worker1 as worker } from '../support/runtime-stage.ts'
import { openAgentScene, patience } from './support/agent-scene.ts'

const isMissing = !existsSync(cli) && process.env.CI === undefined

describe.skipIf(isMissing)('a command of the real Claude Code that does not end', () => {
  let scene: Awaited<ReturnType<typeof openAgentScene>>
  afterEach(() => scene.close())

  it('is seen, named and interrupted; the next prompt arrives in the same launch', async () => {
    scene = await openAgentScene((request) =>
      resultsIn(request).length === 0
        ? { blocks: [{ type: 'tool_use', name: 'Bash', input: { command: 'sleep 599' } }] }
        : { blocks: [{ type: 'text', text: 'ok' }] },
    )
    const parts = { terminals: scene.terminals, clock: systemClock }
    const prompts = [1, 2].map((number) => `[orchestrator p${number}] Go on.`)
    await scene.send({ line: prompts[0] ?? '' })
    await vi.waitFor(
      async () =>
        expect(await probeInstance(worker, parts)).toEqual({
          type: 'instance-busy',
          tool: 'sleep 599',
        }),
      patience,
    )
    await interruptTurn(worker, parts)
    expect(await probeInstance(worker, parts)).toEqual({ type: 'instance-idle' })
    expect(scene.seen.ends).toBe(0)
    expect(await scene.send({ line: prompts[1] ?? '' })).toBe('sent')
    await scene.arrived(...prompts)
    expect(scene.seen.starts).toBe(1)
  })
})
