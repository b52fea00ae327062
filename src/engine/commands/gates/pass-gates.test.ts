import { describe, expect, it } from 'vitest'
import { createFakeRuntime } from '../../../../test/fakes/runtime.ts'
import { Commit, TaskId } from '../../../core/model/ids.ts'
import { gateNames } from '../../../core/model/gates.ts'
import type { Gate, GateParts } from './gate.ts'
import { gatesInOrder, passGates } from './pass-gates.ts'

const candidate = { task: TaskId('a'), commit: Commit('c1'), base: Commit('c0') }
const red = { ok: false, output: '1 test failed' }

const partsWith = (commands: readonly string[], ran: string[] = []): GateParts => ({
  checks: { commands, timeoutMs: 1_000 },
  checkRunner: createFakeRuntime({
    check: (commit, [command = '']) => {
      ran.push(`${command} on ${commit}`)
      return command === 'fail' ? red : { ok: true, output: '' }
    },
  }).checkRunner,
})

describe('the gates', () => {
  it('are asked in the order of their names', () => {
    expect(gatesInOrder.map(({ name }) => name)).toEqual(gateNames)
  })

  it('let work pass when the checks pass on the merged commit', async () => {
    const [ran, begun]: [string[], string[]] = [[], []]
    const outcome = await passGates(candidate, partsWith(['npm test'], ran), (name) =>
      begun.push(name),
    )
    expect(outcome).toEqual({ passed: true })
    expect(ran).toEqual(['npm test on c1'])
    expect(begun).toEqual(['checks'])
  })

  it('return the output of checks that fail', async () => {
    expect(await passGates(candidate, partsWith(['fail']), () => undefined)).toEqual({
      passed: false,
      output: '1 test failed',
      position: 0,
    })
  })

  it('are none without commands: nothing runs and nothing is reported to have begun', async () => {
    const [ran, begun]: [string[], string[]] = [[], []]
    const outcome = await passGates(candidate, partsWith([], ran), (name) => begun.push(name))
    expect(outcome).toEqual({ passed: true })
    expect([ran, begun]).toEqual([[], []])
  })

  it('end at the first that refuses', async () => {
    const asked: string[] = []
    const gate = (label: string, passed: boolean, isConfigured = true): Gate => ({
      name: 'checks',
      isConfigured: () => isConfigured,
      isOpenFor: async () => {
        asked.push(label)
        return passed ? { passed } : { passed, output: `${label} refused`, position: 0 }
      },
    })
    const gates = [
      gate('skipped', false, false),
      gate('first', true),
      gate('second', false),
      gate('third', false),
    ]
    const outcome = await passGates(candidate, partsWith([]), () => undefined, gates)
    expect(outcome).toEqual({ passed: false, output: 'second refused', position: 0 })
    expect(asked).toEqual(['first', 'second'])
  })

  it('fail the merge, without an outcome, when one cannot be asked', async () => {
    const runtime = createFakeRuntime()
    runtime.setReachable(false)
    const parts = { ...partsWith(['npm test']), checkRunner: runtime.checkRunner }
    await expect(passGates(candidate, parts, () => undefined)).rejects.toThrow('no engine answers')
  })
})
